//! A whole service: the travellers of each tenant, by name.

use axum::{Router, extract::State, http::StatusCode, routing::get};
use tenancy::{DataWrite, Json, Permit, Result, SqlHandle, Tenancy, TenantContext};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tenancy = Tenancy::from_config("tenancy.toml").await?; // proves that the databases isolate tenants
    let routes = Router::new()
        .route("/travellers", get(list).post(join))
        .layer(tenancy.layer());
    Ok(tenancy.serve(routes.with_state(tenancy.sql("core")?)).await?)
}

async fn list(ctx: TenantContext, State(core): State<SqlHandle>) -> Result<Json<Vec<String>>> {
    let mut conn = core.read(&ctx).await?; // sees this tenant's rows, whatever the statement says
    let names = sqlx::query_scalar("SELECT display_name FROM users WHERE display_name <> '' ORDER BY 1");
    Ok(Json(names.fetch_all(&mut conn).await?))
}

async fn join(
    permit: Permit<DataWrite>, // the check, as a value: without one there is no transaction
    State(core): State<SqlHandle>,
    Json(name): Json<String>,
) -> Result<StatusCode> {
    let mut tx = core.begin(&permit).await?;
    let insert = sqlx::query("INSERT INTO users (id, display_name) VALUES ($1, $2)").bind(permit.user_id()?);
    insert.bind(name).execute(&mut tx).await?;
    tx.commit().await?;
    Ok(StatusCode::CREATED)
}
