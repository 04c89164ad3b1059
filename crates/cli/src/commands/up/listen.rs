//! The one listener: the Kubernetes API, health, metrics, Git pushes and the webhook on one TLS port, and the kubeconfig that
//! reaches it.

use std::{future::Future, net::SocketAddr, sync::Arc};

use api::env::Clock;
use apiserver::{
    pki::{Authority, Kubeconfig, Profile, Wanted},
    serve::{self, Limits, Server, health},
};
use axum::Router;
use sandbox::{Platform, workshop};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    args,
    data_dir::DataDir,
    error::{Context, Error},
    process::{SystemClock, SystemEntropy},
};

const PORT: u16 = 6440;

pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Arc<rustls::ServerConfig>,
    authority: String,
    kubeconfig: String,
}

impl Listener {
    /// Takes the port and makes what is missing of the certificates.
    pub(super) async fn bind(arguments: &args::Up, directory: &DataDir) -> Result<Self, Error> {
        // `--once` ends by itself: it must not be in the way of a running one.
        let port = if arguments.once { 0 } else { PORT };
        let wanted = arguments.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)));
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
        let tls = serve::tls_config(&server, Some(authority.certificate())).context("TLS cannot be set up")?;
        let kubeconfig = Kubeconfig {
            server: &format!("https://{address}"),
            authority: authority.certificate(),
            cluster: "windlass",
            user: "kubernetes-admin",
            contexts: &["windlass"],
            client: &admin,
        }
        .render();
        Ok(Self { socket, address, tls, authority: authority.certificate().to_string(), kubeconfig })
    }

    /// PEM of the authority that signs client certificates.
    pub(super) fn authority(&self) -> String {
        self.authority.clone()
    }

    /// Where this listener is reached.
    pub(super) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Writes the kubeconfig, then serves until it is told to stop: watches are cut, requests get to their end.
    pub(super) fn serve(
        self,
        platform: &Platform,
        directory: &DataDir,
        repository_url: &str,
        stop: CancellationToken,
    ) -> Result<impl Future<Output = ()> + Send + 'static, Error> {
        let credential = directory.secret("git-password", &SystemEntropy)?;
        let login = format!("https://windlass:{}@{}\n", credential.reveal(), self.address);
        apiserver::pki::write_private(&directory.git_credentials(), login.as_bytes())
            .context("the Git credential cannot be written")?;
        let (applications, url) = (platform.applications().clone(), repository_url.to_string());
        let pushed = Arc::new(move || applications.pushed(Some(&url)));
        let git = source::serve::Config::new(directory.repository(), credential, pushed);
        let router = Router::new()
            .nest(&format!("/git/{}", workshop::REPOSITORY), source::serve::router(git))
            .merge(platform.hosting().router())
            .merge(controllers::application::webhook::router(platform.applications().clone()))
            .fallback_service(platform.api().network(Vec::new(), health::routes(Vec::new())));
        let server = Server::new(self.tls, router, [self.address.ip().to_string()], Limits::default());
        // Written last: whoever waits for it can connect.
        apiserver::pki::write_private(&directory.kubeconfig(), self.kubeconfig.as_bytes())
            .context("the kubeconfig cannot be written")?;
        let socket = self.socket;
        Ok(async move { server.run(socket, stop.cancelled()).await })
    }
}
