package dev.sluice.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.idempotency.Fingerprint;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin endpoints: whoever shows the token; without a token, whoever sits at this machine, and not a web
 * page that somebody there happens to have open. Thread-safe.
 */
public final class AdminAccess {
    private static final String BEARER = "bearer ";
    private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Optional<byte[]> tokenDigest;
    private final boolean loopback;
    private final String host;

    /**
     * @param token what callers must show; empty if nothing was set
     * @param loopback whether only this machine can reach the listener
     * @param host what the listener is bound to
     */
    public AdminAccess(Optional<String> token, boolean loopback, String host) {
        this.tokenDigest = token.map(AdminAccess::digest);
        this.loopback = loopback;
        this.host = (host.indexOf(':') >= 0 ? "[" + host + "]" : host).toLowerCase(Locale.ROOT);
    }

    /** The answer to a wish for access. */
    sealed interface Ruling {
        record Granted() implements Ruling {}

        /**
         * Shows no token, or a wrong one.
         *
         * @param guessed whether it was a wrong one
         */
        record Unauthorized(String why, boolean guessed) implements Ruling {}

        /** No token would help. */
        record Forbidden(String why) implements Ruling {}
    }

    Ruling judge(@Nullable String authorization, @Nullable String hostHeader, @Nullable String origin) {
        if (tokenDigest.isPresent()) {
            return judgeToken(tokenDigest.get(), authorization);
        }
        if (!loopback) {
            return new Ruling.Forbidden("set SLUICE_ADMIN_TOKEN to use this from other machines");
        }
        // A page of any site may be made to resolve to 127.0.0.1, but its requests still name that site.
        if (hostHeader == null || !isLocal(withoutPort(hostHeader))) {
            return new Ruling.Forbidden("without SLUICE_ADMIN_TOKEN only a local Host is served");
        }
        if (origin != null && !isLocalOrigin(origin, hostHeader)) {
            return new Ruling.Forbidden("without SLUICE_ADMIN_TOKEN no foreign Origin is served");
        }
        return new Ruling.Granted();
    }

    private static Ruling judgeToken(byte[] expected, @Nullable String authorization) {
        if (authorization == null) {
            return new Ruling.Unauthorized("send Authorization: Bearer <SLUICE_ADMIN_TOKEN>", false);
        }
        boolean isBearer = authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
        var shown = isBearer ? authorization.substring(BEARER.length()).strip() : authorization;
        // Digests have one length, so that the comparison tells nothing of the token's.
        boolean matches = MessageDigest.isEqual(expected, digest(shown));
        return isBearer && matches ? new Ruling.Granted() : new Ruling.Unauthorized("the token is wrong", true);
    }

    private boolean isLocal(String name) {
        return LOCAL_NAMES.contains(name) || name.equals(host);
    }

    private static boolean isLocalOrigin(String origin, String hostHeader) {
        return origin.equalsIgnoreCase("http://" + hostHeader) || origin.equalsIgnoreCase("https://" + hostHeader);
    }

    private static String withoutPort(String hostHeader) {
        int colon = hostHeader.lastIndexOf(':');
        var name = colon > hostHeader.lastIndexOf(']') ? hostHeader.substring(0, colon) : hostHeader;
        return name.toLowerCase(Locale.ROOT);
    }

    private static byte[] digest(String token) {
        return Fingerprint.sha256().digest(token.getBytes(UTF_8));
    }
}
