//! What this service may say of who acts, to another.

use secrecy::SecretString;
use tenancy_core::{Actor, Error, Result, ServiceName, TenantContext, trust};

/// In whose name this service speaks: the user of the context, with the user's own token, or its own.
///
/// `own_name` is the deployment's word that it may lend its own name to work that another service asked for.
pub(crate) fn speaker<'a>(
    context: &'a TenantContext,
    this: &ServiceName,
    own_name: bool,
) -> Result<Option<&'a SecretString>> {
    context.still_stands()?;
    match context.actor() {
        Actor::User { .. } => {
            #[expect(
                clippy::disallowed_methods,
                reason = "it goes to a service of the platform, bound to a proof of this one's"
            )]
            let token = trust::user_token(context);
            token.map(Some).ok_or_else(|| {
                Error::unauthenticated(
                    "there is no token of the user's to pass on: it was not kept (`keeping_user_tokens`), or the user came with a session cookie",
                )
            })
        }
        Actor::Service { name, .. } if name == this || own_name => Ok(None),
        Actor::Service { .. } => Err(Error::internal(
            "another service asked for this: it is not said in this one's name unless `in_own_name` allows it",
        )),
        _ => Err(Error::unauthenticated(
            "an operator's grant is for one service: it is not handed on",
        )),
    }
}
