//! From arguments to an exit code: what each act needs is gathered here, and `test` is done, which needs nothing but a
//! channel.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use cm_agent::notify::Notify as Manager;
use cm_core::clock::{Clock, SystemClock, WallTime};
use cm_core::config::{self, Notify};
use cm_core::fault::Code;
use cm_core::nearest::nearest;
use cm_core::outbox::{Message, MessageId, Topic, Voice};
use cm_core::problem::quoted;
use cm_core::store::{OpenError, Opening, StoreError};
use cm_core::text::{HostText, terminal};
use tokio::sync::mpsc;

use crate::args::{self, Act, Asked, Request};
use crate::carrier::{Carrier, Context, Lasts, Outcome, USUAL_LIMIT, deliver};
use crate::channel::desktop::Pressed;
use crate::check;
use crate::contact::{self, Means};
use crate::dress::document;
use crate::exit::{Complaint, Exit};
use crate::post::Post;
use crate::site::{self, Around, Site};
use crate::waiting;
use crate::watch::{self, Service, Signals};
use crate::wire::Wire;

/// The environment, the clock and the outputs of one run.
pub struct Surroundings<'s> {
    /// Variables of the environment.
    pub variables: &'s dyn Fn(&str) -> Option<OsString>,
    /// The time.
    pub clock: Rc<dyn Clock>,
    /// A moment in local time.
    pub local: &'s dyn Fn(WallTime) -> String,
    /// How many seconds local time is ahead of UTC at a moment.
    pub ahead_s: &'s dyn Fn(WallTime) -> i32,
    /// This machine's name.
    pub machine: HostText,
    /// The effective user id: whose files are trusted.
    pub user: u32,
    /// Where data goes.
    pub out: &'s mut dyn Write,
    /// Where messages go.
    pub err: &'s mut dyn Write,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How many presses of buttons wait at most.
const PRESSED: usize = 16;

/// How the owner's program is asked.
const PROGRAM: &str = "cm-cli";

/// The whole program in this process's surroundings.
pub fn program() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr().lock();
    let mut surroundings = Surroundings {
        variables: &|name| std::env::var_os(name),
        clock: Rc::new(SystemClock),
        local: &local,
        ahead_s: &ahead_s,
        machine: HostText::new(rustix::system::uname().nodename().to_string_lossy()),
        user: rustix::process::geteuid().as_raw(),
        out: &mut out,
        err: &mut err,
    };
    ExitCode::from(run(std::env::args_os().collect(), &mut surroundings).number())
}

/// A moment in this machine's local time.
fn local(at: WallTime) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    jiff::tz::TimeZone::system().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// How many seconds this machine's local time is ahead of UTC at a moment.
fn ahead_s(at: WallTime) -> i32 {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    jiff::tz::TimeZone::system().to_offset(at).seconds()
}

/// One run: reads the arguments (the program's name first), does what they ask for, and says how it ended.
pub fn run(arguments: Vec<OsString>, surroundings: &mut Surroundings<'_>) -> Exit {
    let done = match args::read(arguments) {
        Ok(Asked::Text(text)) => {
            surroundings.out.write_all(text.as_bytes()).map(|()| Exit::Well).map_err(Complaint::from)
        }
        Ok(Asked::This(request)) => act(&request, surroundings),
        Err(complaint) => Err(complaint),
    };
    let complaint = match done.and_then(|exit| Ok((surroundings.out.flush()?, exit).1)) {
        Ok(exit) => return exit,
        Err(complaint) => complaint,
    };
    // Where standard error cannot be written either, the exit code is all that is left to tell.
    let _ = complaint.print(surroundings.err);
    complaint.exit()
}

fn act(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Complaint> {
    match &request.act {
        Act::Print => {
            let message = trial("print", surroundings);
            let json = document::json(&message, &message.sheet(voice(surroundings)), PROGRAM);
            writeln!(surroundings.out, "{json}")?;
        }
        Act::List => {
            for contact in &contacts(request, surroundings)?.contacts {
                writeln!(surroundings.out, "{}  {}", contact.name(), contact.kind.word())?;
            }
        }
        Act::Test { channel } => test(channel, request, surroundings)?,
        Act::Watch => return watches(request, surroundings),
        Act::Check { every } => return checks(*every, request, surroundings),
        Act::Outbox { all } => outbox(*all, request, surroundings)?,
    }
    Ok(Exit::Well)
}

fn watches(request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Complaint> {
    let around = around(request, surroundings);
    let site = Site::new(&site::load(&around)?, None, &around)?;
    let (press, pressed) = mpsc::channel(PRESSED);
    let manager = Manager::of(surroundings.variables, std::process::id()).map_err(|error| watch::refused(&error))?;
    let make = maker(Some(press), surroundings);
    let (local, err) = (surroundings.local, &mut *surroundings.err);
    let post = Post::new(site.notify.contacts.clone(), Rc::clone(&surroundings.clock), &make, local, PROGRAM);
    let service = Service { site, post: &post, pressed, manager, local, err };
    runtime()?.block_on(async {
        let mut signals = Signals::new().map_err(|error| watch::refused(&error))?;
        service.run(signals.next()).await
    })
}

fn checks(every: Duration, request: &Request, surroundings: &mut Surroundings<'_>) -> Result<Exit, Complaint> {
    let around = around(request, surroundings);
    let site = Site::new(&site::load(&around)?, Some(every), &around)?;
    let make = maker(None, surroundings);
    let clock = Rc::clone(&surroundings.clock);
    let post = Post::new(site.notify.contacts.clone(), clock, &make, surroundings.local, PROGRAM);
    runtime()?.block_on(check::run(site, &post, surroundings.err))
}

fn outbox(all: bool, request: &Request, surroundings: &mut Surroundings<'_>) -> Result<(), Complaint> {
    let around = around(request, surroundings);
    let path = site::file(&site::load(&around)?.config, &around)?;
    let unopened = |error: OpenError| Complaint::new(error.code(), error.to_string(), Exit::Inner);
    let unread = |error: StoreError| Complaint::new(error.code(), error.to_string(), Exit::Inner);
    let saved = Opening::at(path).read().map_err(unopened)?.outbox().map_err(unread)?.saved;
    Ok(waiting::list(&saved, all, surroundings.local, surroundings.out)?)
}

fn around<'a, 's: 'a>(request: &'a Request, surroundings: &Surroundings<'s>) -> Around<'a> {
    Around {
        config: request.config.as_deref(),
        database: request.database.as_deref(),
        environment: config::Surroundings::new(surroundings.variables, surroundings.user),
        ahead_s: (surroundings.ahead_s)(surroundings.clock.now().wall),
    }
}

fn inner(what: String) -> Complaint {
    Complaint::new(Code::INNER_FAULT, what, Exit::Inner)
}

/// What channels share, made when it is first needed.
fn maker(
    pressed: Option<mpsc::Sender<Pressed>>,
    surroundings: &Surroundings<'_>,
) -> impl Fn() -> Result<Means, Complaint> + use<> {
    let clock = Rc::clone(&surroundings.clock);
    let credentials = (surroundings.variables)("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let user = surroundings.user;
    move || {
        Ok(Means {
            wire: Wire::new(None).map_err(|fault| inner(fault.to_string()))?,
            clock: Rc::clone(&clock),
            pressed: pressed.clone(),
            credentials: credentials.clone(),
            user,
        })
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Complaint> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|fault| inner(format!("the machine refuses what is needed to wait: {fault}")))
}

fn test(name: &str, request: &Request, surroundings: &mut Surroundings<'_>) -> Result<(), Complaint> {
    let notify = contacts(request, surroundings)?;
    let Some(contact) = notify.contacts.iter().find(|contact| contact.name().as_str() == name) else {
        return Err(no_such(name, &notify));
    };
    let means = maker(None, surroundings)()?;
    let carrier = contact::carrier(contact, &means).map_err(|unusable| Complaint::One {
        code: unusable.code(),
        what: unusable.to_string(),
        next: unusable.next(),
        exit: Exit::Config,
    })?;
    let message = trial(name, surroundings);
    let context = Context { voice: voice(surroundings), links: None, limit: USUAL_LIMIT };
    let outcome = runtime()?.block_on(deliver(&*carrier, &message, context));
    told(&*carrier, &message, outcome, surroundings.out)
}

fn no_such(name: &str, notify: &Notify) -> Complaint {
    let names: Vec<&str> = notify.contacts.iter().map(|contact| contact.name().as_str()).collect();
    let next = match nearest(name, names.iter().copied()) {
        Some(nearest) => format!("{nearest} was probably meant."),
        None if names.is_empty() => "Write a [[notify.channel]] as docs/NOTIFY.md shows.".to_owned(),
        None => format!("There are {}.", names.join(", ")),
    };
    let what = format!("no channel is called {}", quoted(name));
    Complaint::One { code: Code::NO_SUCH_CHANNEL, what, next: Some(next), exit: Exit::Usage }
}

fn told(carrier: &dyn Carrier, message: &Message, outcome: Outcome, out: &mut dyn Write) -> Result<(), Complaint> {
    let trouble = match outcome {
        Outcome::Delivered(delivered) => {
            let remark = delivered.remark.map_or_else(String::new, |remark| format!(" ({})", terminal::line(&remark)));
            return Ok(writeln!(out, "{} took the test {}{remark}", carrier.place(), message.id)?);
        }
        Outcome::Refused(trouble) | Outcome::Unknown(trouble) => trouble,
    };
    let exit = if trouble.lasts() == Lasts::Passing { Exit::Later } else { Exit::Refused };
    Err(Complaint::new(trouble.code(), trouble.to_string(), exit))
}

fn voice<'v>(surroundings: &Surroundings<'v>) -> Voice<'v> {
    Voice { now: surroundings.clock.now().wall, local: surroundings.local, program: PROGRAM }
}

/// A message that shows whether messages arrive.
fn trial(channel: &str, surroundings: &Surroundings<'_>) -> Message {
    let made = surroundings.clock.now().wall;
    Message {
        id: MessageId::of(&[channel, "test"], made.millis().unsigned_abs()),
        topic: Topic::Trial,
        thread: None,
        made,
        parts: Vec::new(),
        more: 0,
        may_repeat: false,
        from: surroundings.machine.clone(),
        audit: None,
    }
}

/// The channels that are configured, or those that hold where none is.
fn contacts(request: &Request, surroundings: &Surroundings<'_>) -> Result<Notify, Complaint> {
    let around = config::Surroundings::new(surroundings.variables, surroundings.user);
    let config = config::load(request.config.as_deref(), &[], &around).map_err(Complaint::Problems)?.config;
    Ok(config.notify.or_usual(&config.dashboard.alerts))
}
