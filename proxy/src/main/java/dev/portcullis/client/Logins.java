package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import dev.portcullis.config.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A person's ways through doors like ours: sign in for one, have a token for it, leave. Every
 * method blocks, and says in its {@link IOException} what a person can do about it.
 */
public final class Logins {
    /** A token that ends sooner is not worth handing out. */
    private static final Duration LEAST = Duration.ofSeconds(15);

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final LoginFolder folder;
    private final InstantSource clock;
    private final CodeFlow codeFlow = new CodeFlow(PATIENCE);
    private final DeviceFlow deviceFlow;

    Logins(LoginFolder folder, InstantSource clock, DeviceFlow.Pause pause) {
        this.folder = folder;
        this.clock = clock;
        this.deviceFlow = new DeviceFlow(pause);
    }

    /** Those of whoever has that environment. */
    public static Logins of(Map<String, String> env, InstantSource clock) {
        return new Logins(LoginFolder.of(env), clock, Thread::sleep);
    }

    /** Where the browser is. */
    public enum Flow {
        /** On this machine. */
        BROWSER,
        /** Anywhere. */
        DEVICE
    }

    /**
     * What a person may say beside the address; null leaves it to the door.
     *
     * @param ca PEM of the authority behind door and issuer
     * @param scopes empty leaves them to the door
     */
    public record Wishes(
            @Nullable Path ca,
            @Nullable String issuer,
            @Nullable String clientId,
            List<String> scopes) {
        public Wishes {
            scopes = List.copyOf(scopes);
        }
    }

    /** An address as a person types it, reduced to its origin; null if it is none of https. */
    public static @Nullable URI origin(String address) {
        try {
            var uri = URI.create(address.contains("://") ? address : "https://" + address);
            boolean usable =
                    "https".equals(uri.getScheme())
                            && uri.getHost() != null
                            && uri.getRawUserInfo() == null;
            int port = uri.getPort() == 443 ? -1 : uri.getPort();
            return usable
                    ? URI.create("https://" + uri.getHost() + (port < 0 ? "" : ":" + port))
                    : null;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** Signs in, and keeps what that gave. */
    public void signIn(URI door, Wishes wishes, Flow flow, Screen screen)
            throws IOException, InterruptedException {
        try (var web = WebCalls.open(wishes.ca())) {
            var found = Door.discover(web, door);
            var issuer =
                    Issuer.discover(
                            web, wishes.issuer() == null ? found.issuer() : wishes.issuer());
            var clientId = wishes.clientId() == null ? found.clientId() : wishes.clientId();
            if (clientId == null) {
                throw new IOException(
                        door + ": names no client to sign in with (expected: --client-id ID)");
            }
            var scopes = wishes.scopes().isEmpty() ? found.scopes() : wishes.scopes();
            var scope =
                    scopes.isEmpty()
                            ? new Scope("openid")
                            : new Scope(scopes.toArray(String[]::new));
            var signIn = new SignIn(web, issuer, new ClientID(clientId), scope);
            var granted =
                    switch (flow) {
                        case BROWSER -> codeFlow.run(signIn, screen);
                        case DEVICE -> deviceFlow.run(signIn, screen);
                    };
            keep(login(door, signIn, wishes.ca(), granted));
        }
    }

    private Login login(URI door, SignIn signIn, @Nullable Path ca, Tokens.Granted granted) {
        return new Login(
                door,
                signIn.issuer().name(),
                signIn.clientId().getValue(),
                signIn.issuer().token(),
                signIn.issuer().revocation(),
                ca == null ? null : ca.toAbsolutePath().normalize(),
                granted.access(),
                clock.instant().plus(granted.lifetime()),
                granted.refresh());
    }

    private void keep(Login login) throws IOException, InterruptedException {
        folder.locked(
                login.door(),
                () -> {
                    folder.write(login);
                    return login;
                });
    }

    /** The doors that somebody signed in for. */
    public List<URI> doors() throws IOException {
        return folder.all().stream().map(Login::door).toList();
    }

    /** An access token for that door, refreshed if it must be; by one process at a time. */
    public Secret token(URI door) throws IOException, InterruptedException {
        var login = folder.find(door).orElseThrow(() -> again(door, "not signed in"));
        return isFresh(login)
                ? login.access()
                : folder.locked(door, () -> refreshed(door)).access();
    }

    private boolean isFresh(Login login) {
        return clock.instant().plus(LEAST).isBefore(login.ends());
    }

    /** Whoever had the lock before may have done it. */
    private Login refreshed(URI door) throws IOException {
        var login = folder.find(door).orElseThrow(() -> again(door, "not signed in"));
        if (isFresh(login)) {
            return login;
        }
        var refresh = login.refresh();
        if (refresh == null) {
            throw again(door, "the sign-in has ended");
        }
        try (var web = WebCalls.open(login.ca())) {
            var grant = new RefreshTokenGrant(new RefreshToken(refresh.expose()));
            var client = new ClientID(login.clientId());
            return switch (Tokens.ask(web, login.token(), client, grant)) {
                case Tokens.Granted granted -> {
                    var renewed = login.with(granted, clock.instant());
                    folder.write(renewed);
                    yield renewed;
                }
                case Tokens.Refused(var code) when code.equals(Tokens.GRANT_IS_OVER) -> {
                    folder.delete(door);
                    throw again(door, "the sign-in has ended: " + code);
                }
                case Tokens.Refused(var code) ->
                        throw new IOException(
                                login.token()
                                        + ": "
                                        + code
                                        + "; you stay signed in, "
                                        + remedy(code, login.clientId()));
                case Tokens.Trouble(var why) -> throw new IOException(why + "; try again later");
            };
        }
    }

    private static String remedy(String code, String clientId) {
        return Tokens.CLIENT_IS_WRONG.contains(code)
                ? "but the issuer does not take the client "
                        + clientId
                        + ": the operator of the door must register it there as a public client"
                        + " that may refresh its tokens (cli.client-id)"
                : "try again later";
    }

    /**
     * Gives the tokens back and forgets them.
     *
     * @return whether there were any
     */
    public boolean signOut(URI door) throws IOException, InterruptedException {
        return folder.locked(
                door,
                () -> {
                    var login = folder.find(door);
                    if (login.isEmpty()) {
                        return false;
                    }
                    folder.delete(door); // Gone here, whatever the issuer says.
                    revoke(login.get());
                    return true;
                });
    }

    /** RFC 7009: a refresh token's end is that of its access tokens, where the issuer can. */
    private static void revoke(Login login) throws IOException {
        var endpoint = login.revocation();
        var refresh = login.refresh();
        if (endpoint == null || refresh == null) {
            return;
        }
        try (var web = WebCalls.open(login.ca())) {
            var request =
                    new TokenRevocationRequest(
                            endpoint,
                            new ClientID(login.clientId()),
                            new RefreshToken(refresh.expose()));
            int status = web.send(request.toHTTPRequest()).getStatusCode();
            if (status != 200) {
                throw new IOException(
                        "forgotten here, but "
                                + endpoint
                                + " answered "
                                + status
                                + " (expected: 200)");
            }
        }
    }

    private static IOException again(URI door, String why) {
        return new IOException(door + ": " + why + "; sign in with: portcullis login " + door);
    }
}
