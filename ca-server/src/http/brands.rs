//! `GET /v1/brands`: which brands are served here, and by which CAs.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use ca_core::store::CaRecord;
use serde::Serialize;

use super::blocking::blocking;
use super::{ApiError, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/v1/brands", get(list))
}

async fn list(State(app): State<Shared>) -> Result<Json<Brands>, ApiError> {
    let cas = blocking(move || app.authority.cas()).await?;
    Ok(Json(Brands::of(&cas)))
}

#[derive(Serialize)]
struct Brands {
    brands: Vec<Brand>,
}

#[derive(Serialize)]
struct Brand {
    /// BrandID.
    brand: String,
    /// The CAs of the brand, superior before subordinate.
    cas: Vec<BrandCa>,
}

#[derive(Serialize)]
struct BrandCa {
    id: String,
    roles: Vec<&'static str>,
}

impl Brands {
    fn of(cas: &[CaRecord]) -> Self {
        let mut brands: Vec<Brand> = Vec::new();
        for ca in cas {
            let Some(name) = &ca.brand else { continue };
            let roles = ca.roles.iter().map(|role| role.name()).collect();
            let ca = BrandCa { id: ca.id.to_string(), roles };
            match brands.iter_mut().find(|brand| brand.brand == *name) {
                Some(brand) => brand.cas.push(ca),
                None => brands.push(Brand { brand: name.clone(), cas: vec![ca] }),
            }
        }
        Self { brands }
    }
}
