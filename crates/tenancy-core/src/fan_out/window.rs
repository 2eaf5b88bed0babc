//! The tenants that are under way, in order: what "all before it" means. Pure.

use std::collections::VecDeque;

use crate::TenantId;

/// Tenants in the order of their ids, from the first that is not finished.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Each with whether it is finished.
    tenants: VecDeque<(TenantId, bool)>,
}

impl Window {
    pub(super) fn begin(&mut self, tenant: TenantId) {
        self.tenants.push_back((tenant, false));
    }

    /// Marks a tenant as finished; gives the last one that is finished with all before it, when that moved on.
    pub(super) fn finish(&mut self, tenant: TenantId) -> Option<TenantId> {
        if let Some((_, finished)) = self.tenants.iter_mut().find(|(id, _)| *id == tenant) {
            *finished = true;
        }
        let mut last = None;
        while let Some((id, true)) = self.tenants.front() {
            last = Some(*id);
            self.tenants.pop_front();
        }
        last
    }

    /// How many tenants it holds, finished ones included: what bounds it.
    pub(super) fn len(&self) -> usize {
        self.tenants.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_on_when_the_first_is_finished() {
        let ids: Vec<_> = (0..4).map(|_| TenantId::new()).collect();
        let mut window = Window::default();
        ids.iter().for_each(|id| window.begin(*id));
        assert_eq!(window.finish(ids[1]), None);
        assert_eq!(window.finish(ids[0]), Some(ids[1]));
        assert_eq!(window.finish(ids[3]), None);
        assert_eq!(window.finish(TenantId::new()), None);
        assert_eq!(window.finish(ids[2]), Some(ids[3]));
        assert_eq!(window.len(), 0);
    }
}
