//! The questions to the registry: manifest, token where one is asked for, configuration of a single image.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use contract::ErrorCode;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::challenge::token_url;
use super::image::is_tag;
use super::manifest::is_digest;
use super::{
    Availability, Challenge, ImageName, Manifest, Platform, parse_challenge, parse_config_platform,
    parse_manifest,
};
use crate::json::{self, Loose};
use crate::outbound::{Ask, Lane, Outbound, Redirects, Reply, host_label};
use crate::source::SourceFailure;

/// All four kinds: without one of them a registry says that the tag is unknown.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// Where registries keep the blobs themselves.
const BLOB_HOSTS: &[&str] = &[
    "pkg-containers.githubusercontent.com",
    "production.cloudflare.docker.com",
    "production.cloudfront.docker.com",
    "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
    "cdn.quay.io",
    "cdn01.quay.io",
    "cdn02.quay.io",
    "cdn03.quay.io",
    "cdn.registry.gitlab-static.net",
];

/// How long a token is good for that does not say it.
const TOKEN_LIFE: u64 = 60;
/// A token is not used in its last seconds.
const TOKEN_MARGIN: u64 = 10;
/// No token is kept longer.
const LONGEST_TOKEN_LIFE: u64 = 3600;

/// Where the registry is.
#[derive(Clone, Debug, Default)]
pub struct RegistryConfig {
    /// Asked in place of the image's own registry (mirrors, tests).
    pub override_url: Option<Url>,
}

/// An OCI registry, asked without a login.
pub struct Registry {
    outbound: Arc<Outbound>,
    config: RegistryConfig,
    tokens: Mutex<HashMap<ImageName, (SecretString, Instant)>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(default)]
    token: Loose,
    #[serde(default)]
    access_token: Loose,
    #[serde(default)]
    expires_in: Loose,
}

/// What a question to the registry came to.
enum Said {
    Reply(Box<Reply>),
    Private,
}

impl Registry {
    /// The registry of each image, or the one that `config` names.
    #[must_use]
    pub fn new(outbound: Arc<Outbound>, config: RegistryConfig) -> Self {
        Self { outbound, config, tokens: Mutex::default() }
    }

    /// Whether the first of these tags that exists can be pulled for this platform, without a login.
    ///
    /// # Errors
    /// A [`SourceFailure`] with the code `Registry` (its message says what failed) when it cannot be told.
    pub async fn availability(
        &self,
        image: &ImageName,
        tag_candidates: &[String],
        platform: &Platform,
    ) -> Result<Availability, SourceFailure> {
        let base = self.base(image)?;
        for tag in tag_candidates.iter().filter(|tag| is_tag(tag)) {
            let url = at(&base, image, &format!("manifests/{tag}"));
            let reply =
                match self.ask(image, &base, Ask::get(Lane::Registry, url).header("accept", ACCEPT)).await? {
                    Said::Private => return Ok(Availability::Private),
                    Said::Reply(reply) if reply.status == 404 => continue,
                    Said::Reply(reply) => successful(*reply)?,
                };
            return self.fits(image, &base, tag, platform, &reply).await;
        }
        Ok(Availability::Missing)
    }

    fn base(&self, image: &ImageName) -> Result<Url, SourceFailure> {
        match &self.config.override_url {
            Some(url) => Ok(url.clone()),
            None => format!("https://{}", image.registry_host())
                .parse()
                .map_err(|_| failure(format!("{}: no address of a registry", image.registry()))),
        }
    }

    async fn fits(
        &self,
        image: &ImageName,
        base: &Url,
        tag: &str,
        platform: &Platform,
        reply: &Reply,
    ) -> Result<Availability, SourceFailure> {
        let host = host_label(&reply.url);
        let manifest = parse_manifest(&reply.body).map_err(|error| failure(format!("{host}: {error}")))?;
        let offered = match manifest {
            Manifest::Index(platforms) => platforms,
            Manifest::Old(platform) => vec![platform],
            Manifest::Single { config } => {
                let url = at(base, image, &format!("blobs/{config}"));
                let ask = Ask::get(Lane::Registry, url).redirects(Redirects::Follow { allow: BLOB_HOSTS });
                let reply = match self.ask(image, base, ask).await? {
                    Said::Private => return Ok(Availability::Private),
                    Said::Reply(reply) => successful(*reply)?,
                };
                vec![
                    parse_config_platform(&reply.body)
                        .map_err(|error| failure(format!("{host}: {error}")))?,
                ]
            }
        };
        if offered.iter().any(|offered| platform.runs(offered)) {
            let digest = reply.header("docker-content-digest").filter(|digest| is_digest(digest));
            return Ok(Availability::Installable { digest: digest.map(str::to_owned), tag: tag.to_owned() });
        }
        Ok(Availability::PlatformMissing { found: offered.iter().map(ToString::to_string).collect() })
    }

    /// Asks with the token that is kept, or with a fresh one where the registry wants one.
    async fn ask(&self, image: &ImageName, base: &Url, ask: Ask) -> Result<Said, SourceFailure> {
        let kept = self.kept_token(image);
        let first = self.send(ask.clone().bearer(kept.as_ref())).await?;
        if first.status == 403 && !first.limits.limited {
            return Ok(Said::Private);
        }
        if first.status != 401 {
            return Ok(Said::Reply(Box::new(first)));
        }
        let Some(token) = self.fresh_token(image, base, &first).await? else { return Ok(Said::Private) };
        let second = self.send(ask.bearer(Some(&token))).await?;
        let refused = second.status == 401 || (second.status == 403 && !second.limits.limited);
        Ok(if refused { Said::Private } else { Said::Reply(Box::new(second)) })
    }

    /// `None` if there is no token without a login.
    async fn fresh_token(
        &self,
        image: &ImageName,
        base: &Url,
        refusal: &Reply,
    ) -> Result<Option<SecretString>, SourceFailure> {
        let host = host_label(&refusal.url);
        let headers = refusal.headers.get_all("www-authenticate").iter();
        let challenges =
            headers.filter_map(|value| parse_challenge(value.to_str().ok()?)).collect::<Vec<_>>();
        let bearer = challenges.iter().find_map(|challenge| match challenge {
            Challenge::Bearer { realm, service } => Some((realm, service.as_deref())),
            Challenge::Login => None,
        });
        let Some((realm, service)) = bearer else {
            return if challenges.is_empty() {
                Err(failure(format!("{host}: answered HTTP 401 without saying how to get a token")))
            } else {
                Ok(None)
            };
        };
        let url = token_url(image, base, realm, service).ok_or_else(|| {
            failure(format!("{host}: sends for its token to another host, which is not followed"))
        })?;
        let reply = self.send(Ask::get(Lane::Registry, url)).await?;
        if matches!(reply.status, 401 | 403) && !reply.limits.limited {
            return Ok(None);
        }
        let reply = successful(reply)?;
        let read = json::object::<TokenAnswer>(&reply.body)
            .map_err(|error| failure(format!("{}: {error}", host_label(&reply.url))))?;
        let life = read.expires_in.number().unwrap_or(TOKEN_LIFE).min(LONGEST_TOKEN_LIFE);
        let token = read.token.text().or_else(|| read.access_token.text()).filter(|token| !token.is_empty());
        let token = SecretString::from(token.ok_or_else(|| {
            failure(format!("{}: the answer lacks a usable `token`", host_label(&reply.url)))
        })?);
        self.keep_token(image, token.clone(), life);
        Ok(Some(token))
    }

    fn kept_token(&self, image: &ImageName) -> Option<SecretString> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(image).filter(|(_, until)| Instant::now() < *until).map(|(token, _)| token.clone())
    }

    fn keep_token(&self, image: &ImageName, token: SecretString, life_seconds: u64) {
        let now = Instant::now();
        let until = now + Duration::from_secs(life_seconds.saturating_sub(TOKEN_MARGIN));
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, (_, until)| now < *until);
        tokens.insert(image.clone(), (token, until));
    }

    async fn send(&self, ask: Ask) -> Result<Reply, SourceFailure> {
        // The class stays in the message; for the user it is the registry that could not be asked.
        self.outbound
            .send(ask)
            .await
            .map_err(|failure| SourceFailure { code: ErrorCode::Registry, ..failure })
    }
}

fn at(base: &Url, image: &ImageName, rest: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/v2/{}/{rest}", base.path().trim_end_matches('/'), image.path()));
    url
}

fn failure(message: String) -> SourceFailure {
    SourceFailure::new(ErrorCode::Registry, message)
}

fn successful(reply: Reply) -> Result<Reply, SourceFailure> {
    if reply.is_success() {
        return Ok(reply);
    }
    let (host, status) = (host_label(&reply.url), reply.status);
    if reply.limits.limited {
        let until = reply.limits.wait_until(Utc::now());
        let message = format!("{host}: asked to wait until {} (HTTP {status})", until.format("%FT%TZ"));
        return Err(SourceFailure { retry_at: Some(until), ..failure(message) });
    }
    Err(SourceFailure {
        retry_at: reply.limits.retry_after,
        ..failure(format!("{host}: answered HTTP {status}"))
    })
}
