//! Wakes requests promptly when other threads complete them.
//!
//! A worker looks at wakes of other threads only once in 31 turns while it has ready tasks
//! (`REMOTE_FIRST_INTERVAL` of tokio's `LocalSet`). Under overload it always has: new requests. Verdicts
//! would wait behind rejections. So such wakes are batched, and one task of the worker forwards them all at
//! its next turn. From then on they are the worker's own.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread::{self, ThreadId};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// The batched wakes of one worker.
pub(crate) struct WakeBatch {
    worker: ThreadId,
    batched: Mutex<Vec<Waker>>,
    added: Notify,
}

impl WakeBatch {
    /// Batches the wakes of the worker that calls this.
    pub(crate) fn start() -> Arc<Self> {
        let wakes = Arc::new(Self {
            worker: thread::current().id(),
            batched: Mutex::default(),
            added: Notify::new(),
        });
        let forwarding = Arc::clone(&wakes);
        actix_web::rt::spawn(async move {
            loop {
                forwarding.added.notified().await;
                forwarding.take().into_iter().for_each(Waker::wake);
            }
        });
        wakes
    }

    /// Waits for a future of this worker that any thread may wake.
    pub(crate) async fn wait<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        let mut future = pin!(future);
        let mut known: Option<(Waker, Waker)> = None;
        std::future::poll_fn(|context| {
            let waker = context.waker();
            let (_, batched_waker) = match known.take() {
                Some(same) if same.0.will_wake(waker) => known.insert(same),
                _ => known.insert((waker.clone(), Arc::clone(&self).batched_waker(waker.clone()))),
            };
            future.as_mut().poll(&mut Context::from_waker(batched_waker))
        })
        .await
    }

    fn batched_waker(self: Arc<Self>, waker: Waker) -> Waker {
        Arc::new(BatchedWaker { wakes: self, waker }).into()
    }

    fn add(&self, waker: Waker) {
        let mut batched = self.batched.lock();
        batched.push(waker);
        let is_first = batched.len() == 1;
        drop(batched);
        if is_first {
            self.added.notify_one();
        }
    }

    fn take(&self) -> Vec<Waker> {
        std::mem::take(&mut *self.batched.lock())
    }
}

/// A waker that is batched when another thread wakes it.
struct BatchedWaker {
    wakes: Arc<WakeBatch>,
    waker: Waker,
}

impl Wake for BatchedWaker {
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
    async fn wakes_of_other_threads_do_not_wait_for_a_busy_worker() {
        let (wakes, turns) = (WakeBatch::start(), Rc::new(Cell::new(0)));
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
    async fn a_wake_of_the_worker_itself_is_not_batched() {
        let wakes = WakeBatch::start();
        let (verdict, waiting) = oneshot::channel();
        let request = rt::spawn(Arc::clone(&wakes).wait(waiting));
        rt::task::yield_now().await;

        verdict.send(7).unwrap();

        assert!(wakes.take().is_empty());
        assert_eq!(request.await.unwrap(), Ok(7));
    }
}
