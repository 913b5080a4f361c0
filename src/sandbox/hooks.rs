//! What tests hook into a sandbox: faults, delays, costs.

use super::fault::Fault;
use super::received::ReceivedRequest;
use super::{CostModel, Sandbox};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a request is held up.
type Delay = Arc<dyn Fn(&ReceivedRequest) -> Duration + Send + Sync>;

/// What tests have hooked in.
#[derive(Default)]
pub(crate) struct Hooks {
    faults: Mutex<Vec<Fault>>,
    latency: Mutex<Option<Delay>>,
    work: Mutex<Option<Delay>>,
    cost: Mutex<Option<CostModel>>,
}

impl Hooks {
    /// The fault for a request, used up by one.
    pub(crate) fn fault_for(&self, request: &ReceivedRequest) -> Option<Fault> {
        let mut faults = locked(&self.faults);
        let found = faults
            .iter_mut()
            .find_map(|fault| fault.takes(request).then_some(fault))?;
        Some(found.clone())
    }

    /// Waits before the server looks at a request.
    pub(crate) async fn wait_on_the_way(&self, request: &ReceivedRequest) {
        wait(&self.latency, request).await;
    }

    /// Waits while the server works on a request.
    pub(crate) async fn wait_at_work(&self, request: &ReceivedRequest) {
        wait(&self.work, request).await;
    }

    pub(crate) fn set_cost(&self, model: CostModel) {
        *locked(&self.cost) = Some(model);
    }

    /// What calls cost, if that is set.
    pub(crate) fn cost(&self) -> Option<CostModel> {
        *locked(&self.cost)
    }
}

async fn wait(delay: &Mutex<Option<Delay>>, request: &ReceivedRequest) {
    let delay = locked(delay).clone();
    let time = delay.map_or(Duration::ZERO, |delay| delay(request));
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sandbox {
    /// Sets a fault, in addition to those set before.
    pub fn fault(&self, fault: Fault) {
        locked(&self.server().hooks.faults).push(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        locked(&self.server().hooks.faults).clear();
    }

    /// Sets how long requests are on their way: the server looks at one only after this time, so
    /// two that were sent one after the other may be looked at in the other order.
    ///
    /// ```no_run
    /// # fn slow(sandbox: sugar_oauth::sandbox::Sandbox) {
    /// use std::time::Duration;
    ///
    /// // Long on the way, then 10 ms of work.
    /// sandbox.latency(|_| Duration::from_millis(200));
    /// sandbox.work(|_| Duration::from_millis(10));
    /// # }
    /// ```
    pub fn latency(&self, latency: impl Fn(&ReceivedRequest) -> Duration + Send + Sync + 'static) {
        *locked(&self.server().hooks.latency) = Some(Arc::new(latency));
    }

    /// Sets how long the server works on calls, during which a call's session serves no other.
    pub fn work(&self, work: impl Fn(&ReceivedRequest) -> Duration + Send + Sync + 'static) {
        *locked(&self.server().hooks.work) = Some(Arc::new(work));
    }
}
