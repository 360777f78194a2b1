"""Sign-in with an identity provider: OpenID Connect, the authorization code flow with PKCE."""

from recourse.adapters.oidc.provider import Provider
from recourse.adapters.oidc.reading import read_provider

__all__ = ["Provider", "read_provider"]
