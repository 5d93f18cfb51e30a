//! One open port: takes connections in, gives each a task, ends them all before it returns.

use std::convert::Infallible;
use std::future::{Future, poll_fn, ready};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::House;
use super::answer::answer;
use super::crowd::Crowd;
use super::door::Door;
use super::pulse::{Felt, Pulse};

/// How long to wait when the system has no more sockets to give.
const BREATH: Duration = Duration::from_millis(100);

/// Takes connections in until told to stop, then lets those in hand end.
pub(super) async fn serve(listener: TcpListener, door: Door, house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let mut crowd = Crowd::default();
    let mut tasks = JoinSet::new();
    let mut told_refused = false;
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|&stop| stop) => break,
            Some(_) = tasks.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                told_refused = false;
                let peer = peer.ip().to_canonical();
                if crowd.make_room(peer, &house.limits) {
                    let pulse = Pulse::new(house.limits.clone());
                    let connection = connection(stream, door, Arc::clone(&house), Arc::clone(&pulse), stop.clone());
                    crowd.welcome(peer, pulse, tasks.spawn(connection));
                } else {
                    tracing::debug!(%peer, "turned away: every connection is being answered");
                }
            }
            Err(error) => {
                // Once until it goes well again: whoever uses up the sockets is not to fill the log as well.
                if !std::mem::replace(&mut told_refused, true) {
                    tracing::warn!(%error, "no connection could be taken in");
                }
                sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    let goodbye = async { while tasks.join_next().await.is_some() {} };
    if timeout(house.limits.farewell, goodbye).await.is_err() {
        tasks.shutdown().await;
    }
}

/// Serves one connection until it ends, breaks a deadline, or is told to stop.
async fn connection(
    stream: TcpStream,
    door: Door,
    house: Arc<House>,
    pulse: Arc<Pulse>,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and whole: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let arrived_at: Option<IpAddr> = stream.local_addr().ok().map(|address| address.ip());
    let service = service_fn(|request| {
        pulse.asked();
        ready(Ok::<_, Infallible>(answer(&request, door, arrived_at, &house)))
    });
    let mut builder = http1::Builder::new();
    builder
        .header_read_timeout(None)
        .max_buf_size(house.limits.head_bytes)
        .max_headers(house.limits.headers)
        .half_close(false);
    let io = TokioIo::new(Felt { inner: stream, pulse: Arc::clone(&pulse) });
    let mut http = pin!(builder.serve_connection(io, service));
    let mut deadline = pin!(sleep_until(pulse.due()));
    let mut told = pin!(async { drop(stop.wait_for(|&stop| stop).await) });
    let mut leaving = false;
    poll_fn(|cx| {
        if !leaving && told.as_mut().poll(cx).is_ready() {
            leaving = true;
            http.as_mut().graceful_shutdown();
        }
        if let Poll::Ready(outcome) = http.as_mut().poll(cx) {
            if let Err(error) = outcome {
                tracing::debug!(%error, "a connection ended badly");
            }
            return Poll::Ready(());
        }
        // The phase may have changed just now, and with it the deadline.
        let due = pulse.due();
        if deadline.deadline() != due {
            deadline.as_mut().reset(due);
        }
        while deadline.as_mut().poll(cx).is_ready() {
            if pulse.due() <= Instant::now() {
                tracing::debug!("a connection broke a time limit");
                return Poll::Ready(());
            }
            deadline.as_mut().reset(pulse.due());
        }
        Poll::Pending
    })
    .await;
}
