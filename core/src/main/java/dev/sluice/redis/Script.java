package dev.sluice.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One atomic step on Redis: a Lua text with the name under which its failures are reported.
 *
 * <p>A script may be put together from several files: the parts before the last define local functions, the last is the
 * step itself. Every script starts with the server's clock ({@code now}, microseconds), so no caller's clock can decide.
 *
 * @param name what errors and metrics call it, for example {@code limit/acquire}
 * @param source the whole Lua text
 * @param sha1 the digest under which Redis caches it, in lower-case hex
 */
public record Script(String name, String source, String sha1) {

    /** Where every script gets the time from; replaced only by tests that must set the clock. */
    static final String SERVER_TIME = "server-time.lua";

    /**
     * Reads a script from files beside the class that runs it.
     *
     * @param name the script's name in errors and metrics
     * @param parts in order; the last is the step itself, those before it define what it uses
     * @throws IllegalStateException if a part is not on the class path
     */
    public static Script of(String name, Part... parts) {
        var text = new StringBuilder(new Part(Script.class, SERVER_TIME).read());
        for (Part part : parts) {
            text.append('\n').append(part.read());
        }
        return ofSource(name, text.toString());
    }

    static Script ofSource(String name, String source) {
        return new Script(name, source, sha1(source));
    }

    /** The same script with another source of time: for tests with a settable clock. */
    Script withTime(String timeSource) {
        String production = new Part(Script.class, SERVER_TIME).read();
        return ofSource(name, timeSource + source.substring(production.length()));
    }

    /**
     * One file of a script.
     *
     * @param owner the class in whose package the file lies
     * @param file the file's name, for example {@code buckets.lua}
     */
    public record Part(Class<?> owner, String file) {
        String read() {
            try (InputStream in = owner.getResourceAsStream(file)) {
                if (in == null) {
                    throw new IllegalStateException("script part " + file + " is missing beside " + owner.getName());
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
