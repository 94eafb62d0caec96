//! Waking requests promptly whose answers come from other threads.
//!
//! A worker looks at what another thread woke only once in 31 turns as long as something of its own is
//! ready (`REMOTE_FIRST_INTERVAL` of tokio's `LocalSet`), and under overload something always is: new
//! requests. Verdicts would wait behind refusals. So such wakes are gathered, and one task of the worker
//! passes all of them on at its next turn; from then on they are the worker's own.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};
use std::thread::{self, ThreadId};

use tokio::sync::Notify;

/// The wakes of one worker.
pub(crate) struct Wakes {
    worker: ThreadId,
    gathered: Mutex<Vec<Waker>>,
    bell: Notify,
}

impl Wakes {
    /// Gathers the wakes of the worker on whose thread this is called.
    pub(crate) fn gather() -> Arc<Self> {
        let wakes = Arc::new(Self {
            worker: thread::current().id(),
            gathered: Mutex::default(),
            bell: Notify::new(),
        });
        let passing_on = Arc::clone(&wakes);
        actix_web::rt::spawn(async move {
            loop {
                passing_on.bell.notified().await;
                passing_on.take().into_iter().for_each(Waker::wake);
            }
        });
        wakes
    }

    /// Waits for a future of this worker, which may be woken by any thread.
    pub(crate) async fn wait<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        let mut future = pin!(future);
        let mut known: Option<(Waker, Waker)> = None;
        std::future::poll_fn(|context| {
            let waker = context.waker();
            let (_, gathering) = match known.take() {
                Some(same) if same.0.will_wake(waker) => known.insert(same),
                _ => known.insert((waker.clone(), Arc::clone(&self).gathering(waker.clone()))),
            };
            future.as_mut().poll(&mut Context::from_waker(gathering))
        })
        .await
    }

    fn gathering(self: Arc<Self>, waker: Waker) -> Waker {
        Arc::new(Gathering { wakes: self, waker }).into()
    }

    fn add(&self, waker: Waker) {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.push(waker);
        let is_first = gathered.len() == 1;
        drop(gathered);
        if is_first {
            self.bell.notify_one();
        }
    }

    fn take(&self) -> Vec<Waker> {
        std::mem::take(&mut *self.gathered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A waker that is gathered when another thread wakes it.
struct Gathering {
    wakes: Arc<Wakes>,
    waker: Waker,
}

impl Wake for Gathering {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if thread::current().id() == self.wakes.worker {
            self.waker.wake_by_ref();
        } else {
            self.wakes.add(self.waker.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::rc::Rc;
    use std::task::Poll;

    use actix_web::rt;
    use futures_util::future::join_all;
    use tokio::sync::oneshot;

    use super::*;

    const REQUESTS: usize = 100;

    /// Is ready again and again, as new requests are under overload, and counts its turns.
    async fn be_busy(turns: Rc<Cell<usize>>) {
        poll_fn(|context| -> Poll<()> {
            turns.set(turns.get() + 1);
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    #[actix_web::test]
    async fn what_other_threads_answered_is_not_kept_waiting_by_a_busy_worker() {
        let (wakes, turns) = (Wakes::gather(), Rc::new(Cell::new(0)));
        let (verdicts, waiting): (Vec<_>, Vec<_>) =
            (0..REQUESTS).map(|_| oneshot::channel::<usize>()).unzip();
        let requests = waiting
            .into_iter()
            .map(|verdict| rt::spawn(Arc::clone(&wakes).wait(async { verdict.await.unwrap() })));
        let requests: Vec<_> = requests.collect();
        rt::task::yield_now().await;
        let busy: Vec<_> = (0..3).map(|_| rt::spawn(be_busy(Rc::clone(&turns)))).collect();
        rt::task::yield_now().await;

        let sending = move || {
            verdicts.into_iter().enumerate().for_each(|(n, verdict)| verdict.send(n).unwrap());
        };
        thread::spawn(sending).join().unwrap();
        let before = turns.get();
        let answered: Vec<_> = join_all(requests).await.into_iter().map(Result::unwrap).collect();

        assert_eq!(answered, (0..REQUESTS).collect::<Vec<_>>());
        let kept_waiting = turns.get() - before;
        assert!(kept_waiting < 10 * REQUESTS, "{kept_waiting} turns of others came first");
        busy.iter().for_each(rt::task::JoinHandle::abort);
    }

    #[actix_web::test]
    async fn a_wake_of_the_worker_itself_goes_straight_on() {
        let wakes = Wakes::gather();
        let (verdict, waiting) = oneshot::channel();
        let request = rt::spawn(Arc::clone(&wakes).wait(waiting));
        rt::task::yield_now().await;

        verdict.send(7).unwrap();

        assert!(wakes.take().is_empty());
        assert_eq!(request.await.unwrap(), Ok(7));
    }
}
