package dev.sluice.server.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.telegram.BotId;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a callback goes. Kept encrypted and never shown: its path or query may hold a secret.
 *
 * @param uri absolute, {@code http} or {@code https}, with a host, without user and fragment
 */
public record CallbackUrl(URI uri) {
    /** What a URL must be, for whoever wrote one that is not. */
    public static final String ACCEPTED =
            "an absolute http or https URL of at most 2048 ASCII characters, without user and fragment";

    private static final int LONGEST = 2048;

    /** The URL, or empty if it is not {@link #ACCEPTED}. */
    public static Optional<CallbackUrl> parse(String text) {
        if (text.length() > LONGEST || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return Optional.empty();
        }
        try {
            var uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            boolean accepted = (scheme.equals("http") || scheme.equals("https"))
                    && uri.getHost() != null
                    && !uri.getHost().isEmpty()
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null
                    && uri.getPort() <= 65_535
                    && uri.getPort() != 0;
            return accepted ? Optional.of(new CallbackUrl(uri)) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Its name or address, in lower case and without brackets. */
    String host() {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
        return uri.getPort() > 0 ? uri.getPort() : isEncrypted() ? 443 : 80;
    }

    boolean isEncrypted() {
        return uri.getScheme().equalsIgnoreCase("https");
    }

    /** What is asked of the host. */
    String path() {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    /** Encrypts it for a message of the bot's. */
    public byte[] sealed(Sealer sealer, BotId bot) {
        return sealer.seal(context(bot), uri.toString().getBytes(UTF_8));
    }

    /** The URL again; empty if the key is gone. */
    static Optional<CallbackUrl> open(Sealer sealer, BotId bot, byte[] sealed) {
        return sealer.open(context(bot), sealed).flatMap(bytes -> parse(new String(bytes, UTF_8)));
    }

    private static String context(BotId bot) {
        return "queue/callback/" + bot;
    }

    /** Without the URL. */
    @Override
    public String toString() {
        return "CallbackUrl[...]";
    }
}
