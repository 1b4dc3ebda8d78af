//! Rules on the messages between CAs (spec `set-certificates.md` §6.3, §6.4).
//!
//! What cannot be decided without keys or paths (signatures, certification paths) is found out in
//! `authority/ca_messages` and told in the same words.

use const_oid::ObjectIdentifier;

use super::{CaRefusal, DateWindow};
use crate::profile::Role;
use crate::{Suite, UnixTime};

/// A signed list by its number and thumbprint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Numbered {
    /// cRLNumber or sequenceNum.
    pub number: u64,
    /// Digest of the unsigned list.
    pub thumbprint: Vec<u8>,
}

/// Whether an accepted list changes anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Novelty {
    /// Later than the one held.
    New,
    /// The one held: no change (§6.4).
    Same,
}

/// §6.4: GCA and PCA tell the brand CA of their CRLs; in `modern` CCA and MCA have CRLs, too. The
/// brand CA knows its own, the root's comes out of band.
const fn notifies(suite: Suite, role: Role) -> bool {
    match role {
        Role::Gca | Role::Pca => true,
        Role::Cca | Role::Mca => matches!(suite, Suite::Modern),
        _ => false,
    }
}

/// One of the sender's roles notifies.
///
/// # Errors
/// [`CaRefusal::SenderRole`] with the first role.
pub fn check_notifier(suite: Suite, roles: &[Role]) -> Result<(), CaRefusal> {
    if roles.iter().any(|role| notifies(suite, *role)) {
        return Ok(());
    }
    let role = roles.first().copied().unwrap_or(Role::Rca);
    Err(CaRefusal::SenderRole { role, message: "CRLNotification", suite })
}

/// §6.4: only a brand CA distributes a BCI and acknowledges.
///
/// # Errors
/// [`CaRefusal::SenderRole`] with the first role.
pub fn check_brand_ca(
    suite: Suite,
    roles: &[Role],
    message: &'static str,
) -> Result<(), CaRefusal> {
    if roles.contains(&Role::Bca) {
        return Ok(());
    }
    let role = roles.first().copied().unwrap_or(Role::Rca);
    Err(CaRefusal::SenderRole { role, message, suite })
}

/// The date lies in the window of `set-messages.md` §4.1.
///
/// # Errors
/// [`CaRefusal::TooOld`], [`CaRefusal::TooNew`] with the limit that was passed.
pub fn check_message_date(
    date: UnixTime,
    now: UnixTime,
    window: DateWindow,
) -> Result<(), CaRefusal> {
    let oldest = now.minus_secs(window.past);
    let newest = now.plus_secs(window.future);
    if date < oldest {
        return Err(CaRefusal::TooOld { date, oldest });
    }
    if date > newest {
        return Err(CaRefusal::TooNew { date, newest });
    }
    Ok(())
}

/// The CRL is the sender's own: same name, octet for octet. The names are told as text.
///
/// # Errors
/// [`CaRefusal::CrlIssuer`].
pub fn check_crl_issuer(
    (issuer_der, issuer): (&[u8], &str),
    (sender_der, sender): (&[u8], &str),
) -> Result<(), CaRefusal> {
    if issuer_der == sender_der {
        return Ok(());
    }
    Err(CaRefusal::CrlIssuer { issuer: issuer.to_owned(), sender: sender.to_owned() })
}

/// The list follows the one held (§6.3 check 3, §6.4): a lower number is a replay, an equal one
/// must be the same list.
///
/// # Errors
/// [`CaRefusal::NumberOlder`], [`CaRefusal::NumberReused`] with the numbers.
pub fn check_number(
    list: &str,
    held: Option<&Numbered>,
    offered: &Numbered,
) -> Result<Novelty, CaRefusal> {
    let list = || list.to_owned();
    match held {
        None => Ok(Novelty::New),
        Some(held) if offered.number > held.number => Ok(Novelty::New),
        Some(held) if offered == held => Ok(Novelty::Same),
        Some(held) if offered.number == held.number => {
            Err(CaRefusal::NumberReused { list: list(), number: held.number })
        }
        Some(held) => {
            Err(CaRefusal::NumberOlder { list: list(), held: held.number, offered: offered.number })
        }
    }
}

/// The list has begun, as far as two clocks agree, and `until`, its first second past use, is to
/// come.
///
/// # Errors
/// [`CaRefusal::NotBegun`], [`CaRefusal::Ended`] with the times.
pub fn check_current(
    list: &str,
    (from, until): (UnixTime, UnixTime),
    now: UnixTime,
    window: DateWindow,
) -> Result<(), CaRefusal> {
    let latest = now.plus_secs(window.future);
    if from > latest {
        return Err(CaRefusal::NotBegun { list: list.to_owned(), from, latest });
    }
    if now >= until {
        return Err(CaRefusal::Ended { list: list.to_owned(), until, now });
    }
    Ok(())
}

/// No critical extension that is unknown (decisions.md 33).
///
/// # Errors
/// [`CaRefusal::Extension`].
pub fn check_list_extensions(
    list: &str,
    unknown: Option<ObjectIdentifier>,
) -> Result<(), CaRefusal> {
    match unknown {
        Some(oid) => Err(CaRefusal::Extension { list: list.to_owned(), oid }),
        None => Ok(()),
    }
}

/// The BCI is of the brand whose CA sent it (§6.3 check 2).
///
/// # Errors
/// [`CaRefusal::BciBrand`].
pub fn check_bci_brand(expected: &str, found: &str) -> Result<(), CaRefusal> {
    if expected == found {
        return Ok(());
    }
    Err(CaRefusal::BciBrand { expected: expected.to_owned(), found: found.to_owned() })
}

/// A CRL that the BCI lists is held in that issue or a later one (§6.3 check 4).
///
/// # Errors
/// [`CaRefusal::ListedCrl`] with both numbers.
pub fn check_listed(issuer: &str, listed: u64, held: Option<u64>) -> Result<(), CaRefusal> {
    if held.is_some_and(|held| held >= listed) {
        return Ok(());
    }
    Err(CaRefusal::ListedCrl { issuer: issuer.to_owned(), listed, held })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn numbered(number: u64, thumbprint: u8) -> Numbered {
        Numbered { number, thumbprint: vec![thumbprint; 32] }
    }

    #[test]
    fn who_notifies_depends_on_the_suite() {
        let senders = |suite| {
            let all = [Role::Rca, Role::Bca, Role::Gca, Role::Cca, Role::Mca, Role::Pca];
            all.into_iter().filter(|role| notifies(suite, *role)).collect::<Vec<_>>()
        };
        assert_eq!(senders(Suite::Set1997), [Role::Gca, Role::Pca]);
        assert_eq!(senders(Suite::Modern), [Role::Gca, Role::Cca, Role::Mca, Role::Pca]);
    }

    #[test]
    fn a_combined_ca_notifies_if_one_of_its_roles_does() {
        assert_eq!(check_notifier(Suite::Set1997, &[Role::Cca, Role::Pca]), Ok(()));
        assert_eq!(
            check_notifier(Suite::Set1997, &[Role::Mca]),
            Err(CaRefusal::SenderRole {
                role: Role::Mca,
                message: "CRLNotification",
                suite: Suite::Set1997
            })
        );
    }

    #[test]
    fn only_a_brand_ca_distributes() {
        assert_eq!(check_brand_ca(Suite::Modern, &[Role::Bca], "BCIDistribution"), Ok(()));
        let refused = check_brand_ca(Suite::Modern, &[Role::Gca], "BCIDistribution").unwrap_err();
        assert_eq!(refused.to_string(), "a gca sends no BCIDistribution in suite modern");
    }

    #[test]
    fn the_edges_of_the_date_window_are_inside() {
        let check = |date| check_message_date(date, NOW, DateWindow::default());
        assert_eq!(check(NOW.minus_secs(86_400)), Ok(()));
        assert_eq!(check(NOW.plus_secs(600)), Ok(()));
        assert!(matches!(check(NOW.minus_secs(86_401)), Err(CaRefusal::TooOld { .. })));
        assert!(matches!(check(NOW.plus_secs(601)), Err(CaRefusal::TooNew { .. })));
    }

    #[test]
    fn numbers_grow_repeat_only_themselves_and_never_go_back() {
        let held = numbered(5, 1);
        let check = |offered| check_number("CRL", Some(&held), &offered);
        assert_eq!(check(numbered(6, 2)), Ok(Novelty::New));
        assert_eq!(check(numbered(5, 1)), Ok(Novelty::Same));
        let reused = CaRefusal::NumberReused { list: "CRL".to_owned(), number: 5 };
        assert_eq!(check(numbered(5, 2)), Err(reused));
        let older = CaRefusal::NumberOlder { list: "CRL".to_owned(), held: 5, offered: 4 };
        assert_eq!(check(numbered(4, 1)), Err(older));
        assert_eq!(check_number("CRL", None, &numbered(1, 1)), Ok(Novelty::New));
    }

    #[test]
    fn a_list_is_current_from_its_beginning_up_to_its_end() {
        let window = DateWindow::default();
        let check = |from, until| check_current("CRL", (from, until), NOW, window);
        assert_eq!(check(NOW, NOW.plus_secs(1)), Ok(()));
        // Ten minutes between two clocks.
        assert_eq!(check(NOW.plus_secs(600), NOW.plus_secs(900)), Ok(()));
        assert!(matches!(
            check(NOW.plus_secs(601), NOW.plus_secs(900)),
            Err(CaRefusal::NotBegun { .. })
        ));
        assert!(matches!(check(NOW.minus_secs(9), NOW), Err(CaRefusal::Ended { .. })));
    }

    #[test]
    fn a_listed_crl_is_held_in_that_issue_or_later() {
        assert_eq!(check_listed("C=US", 3, Some(3)), Ok(()));
        assert_eq!(check_listed("C=US", 3, Some(4)), Ok(()));
        let older = check_listed("C=US", 3, Some(2)).unwrap_err().to_string();
        assert_eq!(older, "the BCI lists CRL number 3 of \"C=US\", number 2 is held");
        let none = check_listed("C=US", 3, None).unwrap_err().to_string();
        assert_eq!(none, "the BCI lists CRL number 3 of \"C=US\", none is held");
    }

    #[test]
    fn names_and_brands_are_compared_and_told() {
        assert_eq!(check_crl_issuer((b"a", "C=A"), (b"a", "C=A")), Ok(()));
        let other = check_crl_issuer((b"a", "C=A"), (b"b", "C=B")).unwrap_err();
        assert!(matches!(other, CaRefusal::CrlIssuer { .. }));
        assert_eq!(check_bci_brand("Sample", "Sample"), Ok(()));
        assert!(matches!(check_bci_brand("Sample", "Other"), Err(CaRefusal::BciBrand { .. })));
    }

    #[test]
    fn an_unknown_critical_extension_makes_a_list_unusable() {
        let oid = ObjectIdentifier::new_unwrap("1.2.3");
        assert_eq!(check_list_extensions("BCI", None), Ok(()));
        let refused = check_list_extensions("BCI", Some(oid));
        assert_eq!(refused, Err(CaRefusal::Extension { list: "BCI".to_owned(), oid }));
    }
}
