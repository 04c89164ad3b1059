//! The one listener of `up` and `azure twin`, on one port: TLS for the Kubernetes side by the cluster's authority and for
//! Azure's hosts by an authority of their own, told apart by the name that the client asks for; and, for whatever begins
//! otherwise than TLS, the CONNECT proxy that brings Azure's hosts here.

mod azure_env;
mod bundle;
mod proxy;

use std::{
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use api::env::Clock;
use apiserver::{
    pki::{Authority, Kubeconfig, Pair, Profile, Wanted},
    serve::{self, Limits, Names, Server},
};
use axum::{Router, extract::Request, response::Response};
use sandbox::hosting;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use twin::Twin;

use crate::{
    data_dir::DataDir,
    error::{Context, Error},
    process::{self, SystemClock},
};

/// Where it listens unless told otherwise.
pub(crate) const PORT: u16 = 6440;

#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Arc<rustls::ServerConfig>,
    authority: String,
    azure_authority: String,
    admin: Pair,
}

impl Listener {
    /// Takes the port and makes what is missing of the certificates.
    pub(crate) async fn bind(wanted: SocketAddr, directory: &DataDir) -> Result<Self, Error> {
        let socket = TcpListener::bind(wanted).await.map_err(|error| {
            let taken = error.kind() == std::io::ErrorKind::AddrInUse;
            let error = Error::new(format!("cannot listen on {wanted}")).caused_by(error);
            if taken {
                error.hint("another `windlass up` may be running; --listen 127.0.0.1:0 takes any free port")
            } else {
                error
            }
        })?;
        let address = socket.local_addr().context("the listener has no address")?;
        let (now, ip) = (SystemClock.now(), address.ip().to_string());
        let names = vec![ip.clone(), "127.0.0.1".into(), "localhost".into()];
        let authority =
            Authority::open(&directory.pki(), &Profile::cluster(&[ip]), now).context("no certificate authority")?;
        let server = authority
            .keep("server", &Wanted::Server(names.into_iter().collect()), now)
            .context("no server certificate")?;
        let wanted = Wanted::Client { user: "kubernetes-admin".into(), group: Some("system:masters".into()) };
        let admin = authority.keep("admin", &wanted, now).context("no client certificate")?;
        let azure = Authority::open(&directory.pki(), &azure_profile(), now).context("no certificate authority")?;
        let azure_authority = azure.certificate().to_string();
        let names = Names::new(&server, azure, twin::serves, Arc::new(SystemClock)).context("TLS cannot be set up")?;
        let tls = serve::tls_config_by_name(names, Some(authority.certificate())).context("TLS cannot be set up")?;
        Ok(Self { socket, address, tls, authority: authority.certificate().to_string(), azure_authority, admin })
    }

    /// PEM of the authority that signs client certificates.
    pub(crate) fn authority(&self) -> String {
        self.authority.clone()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where this listener is reached.
    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Where clients reach hosted clusters: here.
    pub(crate) fn hosted(&self) -> hosting::Address {
        hosting::Address { url: self.url(), authority: self.authority() }
    }

    /// Of the administrator.
    pub(crate) fn kubeconfig(&self) -> String {
        Kubeconfig {
            server: &self.url(),
            authority: &self.authority,
            cluster: "windlass",
            user: "kubernetes-admin",
            contexts: &["windlass"],
            client: &self.admin,
        }
        .render()
    }

    /// What a shell sources to have its az, SDKs and proxies talk to the twin.
    pub(crate) fn write_environment(&self, directory: &DataDir, azure: &sandbox::Azure) -> Result<(), Error> {
        let bundle = directory.pki().join("azure-bundle.crt");
        apiserver::pki::write_private(&bundle, bundle::with_system_roots(&self.azure_authority).as_bytes())
            .context(format!("{} cannot be written", bundle.display()))?;
        let proxy = format!("http://{}", reachable(self.address));
        azure_env::write(directory, azure, &azure_env::Place { proxy, bundle, not_proxied: process::proxy().1 })
    }

    /// Serves until it is told to stop: watches and tunnels are cut, requests get to their end.
    pub(crate) fn serve(
        self,
        router: Router,
        twin: &Twin,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + 'static {
        let router = by_host(twin.router(), router);
        let hosts = twin::HOSTS.map(String::from).into_iter().chain([self.address.ip().to_string()]);
        let server = Server::new(self.tls, router, hosts, Limits::default())
            .with_plain(Arc::new(proxy::Proxy::new(self.address, process::proxy())));
        let socket = self.socket;
        async move { server.run(socket, stop.cancelled()).await }
    }
}

/// Azure's hosts and nothing else: whoever steals the key can stand in for no other.
fn azure_profile() -> Profile {
    let hosts = twin::HOSTS.map(|host| host.trim_start_matches("*.").to_string());
    Profile::new("azure", &hosts)
}

/// An address that can be connected to.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Azure's hosts to the twin, everything else to the Kubernetes side.
fn by_host(azure: Router, kubernetes: Router) -> Router {
    Router::new().fallback(move |request: Request| {
        let router = if twin::serves(&twin::host_of(&request)) { azure.clone() } else { kubernetes.clone() };
        async move {
            let answer: Result<Response, Infallible> = router.oneshot(request).await;
            answer
        }
    })
}
