//! What lies between the controllers and what they talk to: nothing, unless somebody hands in something. The simulation does:
//! it delays, refuses and cuts.

use std::fmt;

use arm::Transport;

/// Wraps the two ways out of a controller. The administrator's own client is never wrapped.
pub trait Wires: Send + Sync + fmt::Debug {
    /// The way to the Kubernetes API of the controller with that field manager.
    fn kubernetes(&self, controller: &'static str, client: kube::Client) -> kube::Client;
    /// The way to Azure.
    fn azure(&self, transport: Transport) -> Transport;
}

/// Nothing in between.
#[derive(Debug)]
pub(crate) struct Direct;

impl Wires for Direct {
    fn kubernetes(&self, _controller: &'static str, client: kube::Client) -> kube::Client {
        client
    }

    fn azure(&self, transport: Transport) -> Transport {
        transport
    }
}
