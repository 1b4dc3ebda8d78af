//! The wake-up for wallets: who registers where, for what (spec `set-crypto.md` §6.4).

use super::Authority;
use crate::profile::Role;
use crate::wire::initiation::Initiation;
use crate::wire::{BrandId, Language, RequestType, Url};

/// Why there is no such wake-up.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoInitiation {
    /// The brand is not served for this role, or its name cannot stand in US-ASCII header lines.
    #[error("no {role} of brand {brand} registers here by initiation")]
    Brand {
        /// BrandID asked for.
        brand: String,
        /// Role asked for.
        role: Role,
    },
    /// Not a language tag.
    #[error("language is no language tag such as en or de-CH")]
    Language,
    /// Not a request type, or one of another role.
    #[error("type {0} is no RequestType of this role")]
    RequestType(u8),
}

impl Authority {
    /// The wake-up file that a bank hands to the wallets of its customers.
    ///
    /// `request_type` is a RequestType number; without it, first certificates of every kind the
    /// role has. The language of the form is left to the wallet unless `language` is given.
    ///
    /// # Errors
    /// [`NoInitiation`].
    pub fn initiation(
        &self,
        brand: &str,
        role: Role,
        language: Option<&str>,
        request_type: Option<u8>,
    ) -> Result<Vec<u8>, NoInitiation> {
        let unserved = || NoInitiation::Brand { brand: brand.to_owned(), role };
        let (serving, everything) = match role {
            Role::Cardholder => (Role::Cca, RequestType::CardInitialSig),
            Role::Merchant => (Role::Mca, RequestType::MerInitialBoth),
            Role::Gateway => (Role::Pca, RequestType::PgwyInitialBoth),
            _ => return Err(unserved()),
        };
        self.hierarchy().serving(brand, serving).ok_or_else(unserved)?;
        let language = language
            .map(|tag| Language::new(tag).map_err(|_| NoInitiation::Language))
            .transpose()?;
        let request_type = match request_type {
            None => everything,
            Some(number) => of_role(number, role).ok_or(NoInitiation::RequestType(number))?,
        };
        let set_url = Url::new(&format!("{}/set", self.parts.base_url)).map_err(|_| unserved())?;
        let brand_id = BrandId::new(brand).map_err(|_| unserved())?;
        let initiation = Initiation {
            language,
            request_type: Some(request_type),
            description: description(brand, role),
            ..Initiation::new(set_url, brand_id)
        };
        initiation.to_octets().map_err(|error| match error.field() {
            Some("SET-Language") => NoInitiation::Language,
            _ => unserved(),
        })
    }
}

fn of_role(number: u8, role: Role) -> Option<RequestType> {
    let mut all = RequestType::ALL.iter().copied();
    all.find(|request| request.number() == number && request.role() == role)
}

fn description(brand: &str, role: Role) -> String {
    format!(
        "Registration of a {role} of the brand {brand}.\r\n\
         Open this file with your SET software, or: setca register {role} --from FILE\r\n"
    )
}
