//! Brands with their institutions, and the name of the root: `policies/brands/*.toml`, `root.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Role;
use super::error::{BRAND_NAME, PolicyError, ROOT_NAME, UNIT_NAME};
use super::institution::{
    AcquirerEntry, AcquirerRules, IssuerEntry, IssuerRules, read_acquirers, read_issuers,
};
use super::referral::{self, ReferralText, Referrals, read_referrals};
use super::source::Source;
use super::text::{check_country, check_language, is_set_string};

/// Subject of the root: C and O (spec `set-certificates.md` §2.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RootRules {
    /// countryName, two letters.
    pub country: String,
    /// organizationName.
    pub organization: String,
}

impl RootRules {
    /// The same root, and its organizationName says what it is for.
    pub(super) fn marked_as_test(self) -> Result<Self, PolicyError> {
        let organization = format!("{TEST_MARK}{}", self.organization);
        if is_set_string(&organization, MAX_NAME_PART) {
            return Ok(Self { organization, ..self });
        }
        let message =
            format!("`{organization}` of a test root; write 1 to {MAX_NAME_PART} characters");
        Err(PolicyError { file: "root.toml".to_owned(), line: 1, rule: ROOT_NAME, message })
    }
}

/// What a brand decides for its hierarchy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BrandRules {
    /// BrandID, or `*` in the template for brands without an entry.
    pub name: String,
    /// countryName of the brand's CAs, two letters.
    pub country: String,
    /// Language of forms when the one asked for is not served.
    pub default_language: String,
    /// The financial institutions that register cardholders.
    pub issuers: Vec<IssuerRules>,
    /// The financial institutions that register merchants and payment gateways.
    pub acquirers: Vec<AcquirerRules>,
    /// Where those are sent who are not served, one text per language.
    pub referrals: Vec<ReferralText>,
    units: BTreeMap<Role, String>,
}

impl BrandRules {
    /// OU of the CA of `role` in this brand.
    ///
    /// Empty for the root, whose name has no OU, and for roles that are not CAs.
    #[must_use]
    pub fn ca_unit(&self, role: Role, brand: &str) -> String {
        self.units.get(&role).map_or_else(String::new, |template| unit(template, brand))
    }

    /// The issuer that serves this BIN; `None` if nobody does, or if it is not six digits.
    #[must_use]
    pub fn issuer_for_bin(&self, bin: &str) -> Option<&IssuerRules> {
        self.issuers.iter().find(|issuer| issuer.serves(bin))
    }

    /// The acquirer that serves this BIN; `None` if nobody does, or if it is not six digits.
    #[must_use]
    pub fn acquirer_for_bin(&self, bin: &str) -> Option<&AcquirerRules> {
        self.acquirers.iter().find(|acquirer| acquirer.serves(bin))
    }

    /// Where those are sent who are not served, in the language asked for: exact tag, primary
    /// subtag, the brand's default. `None` if the brand says nothing about it.
    #[must_use]
    pub fn referral(&self, language: &str) -> Option<&ReferralText> {
        referral::in_language(&self.referrals, language, &self.default_language)
    }
}

/// A brand, and where its entry stands.
pub(super) struct ReadBrand<'a> {
    pub(super) brand: BrandRules,
    pub(super) source: Source<'a>,
    pub(super) name_at: usize,
}

/// Reads `root.toml`.
pub(super) fn read_root(source: Source<'_>) -> Result<RootRules, PolicyError> {
    let raw: RootFile = source.read()?;
    check_country(&raw.country, &source)?;
    let organization = raw.organization.get_ref();
    if !is_set_string(organization, MAX_NAME_PART) {
        let message = format!("`{organization}`; write 1 to {MAX_NAME_PART} characters");
        return Err(source.refuse(&raw.organization, ROOT_NAME, message));
    }
    Ok(RootRules { country: raw.country.into_inner(), organization: raw.organization.into_inner() })
}

/// Reads a file of brands.
pub(super) fn read_brands(source: Source<'_>) -> Result<Vec<ReadBrand<'_>>, PolicyError> {
    let raw: BrandsFile = source.read()?;
    raw.brand.into_iter().map(|entry| read_brand(entry, source)).collect()
}

fn read_brand(raw: BrandEntry, source: Source<'_>) -> Result<ReadBrand<'_>, PolicyError> {
    check_brand_name(&raw.name, &source)?;
    check_country(&raw.country, &source)?;
    check_language(&raw.default_language, &source)?;
    let units = read_units(&raw, &source)?;
    let language = raw.default_language.get_ref();
    let issuers = read_issuers(&raw.issuer, language, &source)?;
    let acquirers = read_acquirers(&raw.acquirer, language, &source)?;
    let referrals = raw.referral.as_ref().map(|texts| read_referrals(texts, language, &source));
    let referrals = referrals.transpose()?.unwrap_or_default();
    let name_at = raw.name.span().start;
    let brand = BrandRules {
        name: raw.name.into_inner(),
        country: raw.country.into_inner(),
        default_language: raw.default_language.into_inner(),
        issuers,
        acquirers,
        referrals,
        units,
    };
    Ok(ReadBrand { brand, source, name_at })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RootFile {
    country: Spanned<String>,
    organization: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandsFile {
    brand: Vec<BrandEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandEntry {
    name: Spanned<String>,
    country: Spanned<String>,
    default_language: Spanned<String>,
    units: Units,
    issuer: Vec<IssuerEntry>,
    #[serde(default)]
    acquirer: Vec<AcquirerEntry>,
    referral: Option<Referrals>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    bca: Spanned<String>,
    gca: Spanned<String>,
    cca: Spanned<String>,
    mca: Spanned<String>,
    pca: Spanned<String>,
}

/// set-messages.md §1.3: BrandID is a SETString of 1 to 40 characters (ub-BrandID [R-H]).
pub(super) fn check_brand_name(
    name: &Spanned<String>,
    source: &Source<'_>,
) -> Result<(), PolicyError> {
    if is_set_string(name.get_ref(), MAX_BRAND) {
        return Ok(());
    }
    let length = name.get_ref().chars().count();
    let message = format!("{length} characters; write 1 to {MAX_BRAND}, or * for the template");
    Err(source.refuse(name, BRAND_NAME, message))
}

/// set-certificates.md §2.1: an OU is 1 to 64 characters, also with the longest brand in it.
fn read_units(
    raw: &BrandEntry,
    source: &Source<'_>,
) -> Result<BTreeMap<Role, String>, PolicyError> {
    let longest = "B".repeat(MAX_BRAND);
    let brand = if raw.name.get_ref() == TEMPLATE { &longest } else { raw.name.get_ref() };
    let Units { bca, gca, cca, mca, pca } = &raw.units;
    let templates =
        [(Role::Bca, bca), (Role::Gca, gca), (Role::Cca, cca), (Role::Mca, mca), (Role::Pca, pca)];
    let mut units = BTreeMap::new();
    for (role, template) in templates {
        let name = unit(template.get_ref(), brand);
        if !is_set_string(&name, MAX_NAME_PART) {
            let length = name.chars().count();
            let message = format!("{length} characters with the brand; write 1 to {MAX_NAME_PART}");
            return Err(source.refuse(template, UNIT_NAME, message));
        }
        units.insert(role, template.get_ref().clone());
    }
    Ok(units)
}

fn unit(template: &str, brand: &str) -> String {
    template.replace("{brand}", brand)
}

/// How the organizationName of a root begins whose hierarchy is for tests alone; setca's own. SET's
/// test root said it likewise: O=SET Test Root (November 2000).
pub const TEST_MARK: &str = "TEST ";
/// Name of the entry for every brand that has none of its own.
pub(super) const TEMPLATE: &str = "*";
/// ub-BrandID, set-messages.md §1.4 [R-H].
const MAX_BRAND: usize = 40;
/// Bound of O, OU and CN, set-certificates.md §2.1 [R].
pub(super) const MAX_NAME_PART: usize = 64;
