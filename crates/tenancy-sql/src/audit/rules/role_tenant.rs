//! A session that starts with a tenant is never without one: the fence would open where no scope was set.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    id: "role_tenant",
    sql: "SELECT current_user::text, 'has a tenant before it is scoped, from its own settings, the database''s, the server''s or the URL''s',
               format('ALTER ROLE %I RESET app.current_tenant; ALTER ROLE %I IN DATABASE %I RESET app.current_tenant; '
                      'ALTER DATABASE %I RESET app.current_tenant',
                      current_user, current_user, current_database(), current_database())
        WHERE coalesce(current_setting('app.current_tenant', true), '') <> ''",
};
