//! Where a brand sends those whom it does not serve: ReferralData (spec `set-messages.md` §2.7).

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::error::{PolicyError, REFERRAL};
use super::local_text::{language_eq, primary_subtag, without_default};
use super::source::Source;
use super::text::{check_language, check_url, is_set_string};

/// A referral in one language: a reason, other CAs, or both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReferralText {
    /// RFC 1766 tag.
    pub language: String,
    /// Shown to the requester.
    pub reason: Option<String>,
    /// Other CAs, in order of preference.
    pub urls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferralEntry {
    reason: Option<Spanned<String>>,
    #[serde(default)]
    urls: Vec<Spanned<String>>,
}

/// A referral as it is written: `[brand.referral.en]`.
pub(super) type Referrals = Spanned<BTreeMap<Spanned<String>, ReferralEntry>>;

/// The referral in the language asked for, as a form would be chosen.
pub(super) fn in_language<'a>(
    referrals: &'a [ReferralText],
    language: &str,
    default_language: &str,
) -> Option<&'a ReferralText> {
    let speaks = |wanted: &str| referrals.iter().find(|text| language_eq(&text.language, wanted));
    speaks(language)
        .or_else(|| speaks(primary_subtag(language)))
        .or_else(|| speaks(default_language))
}

/// Checks the referrals of a brand.
pub(super) fn read_referrals(
    entry: &Referrals,
    default_language: &str,
    source: &Source<'_>,
) -> Result<Vec<ReferralText>, PolicyError> {
    let texts = entry.get_ref().iter().map(|(language, text)| read(language, text, source));
    let texts: Vec<ReferralText> = texts.collect::<Result<_, _>>()?;
    if texts.iter().any(|text| language_eq(&text.language, default_language)) {
        Ok(texts)
    } else {
        Err(without_default(entry, default_language, source))
    }
}

fn read(
    language: &Spanned<String>,
    entry: &ReferralEntry,
    source: &Source<'_>,
) -> Result<ReferralText, PolicyError> {
    check_language(language, source)?;
    for url in &entry.urls {
        check_url(Some(url), source)?;
    }
    match &entry.reason {
        Some(reason) if !is_set_string(reason.get_ref(), MAX_REASON) => {
            let length = reason.get_ref().chars().count();
            let message = format!("{length} characters; write 1 to {MAX_REASON}");
            return Err(source.refuse(reason, REFERRAL, message));
        }
        None if entry.urls.is_empty() => {
            let message = "sends nobody anywhere; write a reason, urls, or both";
            return Err(source.refuse(language, REFERRAL, message));
        }
        _ => {}
    }
    Ok(ReferralText {
        language: language.get_ref().clone(),
        reason: entry.reason.as_ref().map(|reason| reason.get_ref().clone()),
        urls: entry.urls.iter().map(|url| url.get_ref().clone()).collect(),
    })
}

/// ub-Reason, set-messages.md §1.4 [R-M].
const MAX_REASON: usize = 512;
