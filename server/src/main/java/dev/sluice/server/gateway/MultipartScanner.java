package dev.sluice.server.gateway;

import dev.sluice.idempotency.Fingerprint;
import io.vertx.core.MultiMap;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a multipart/form-data body (RFC 7578) as it streams by: keeps the fields, digests the files. Whatever the body is cut
 * into, the result is the same; that is why it is ours: the decoder of the HTTP library keeps a byte too many of a file when
 * a read ends between the CR and the LF before a boundary, and a repeat of the upload would look like other content.
 */
final class MultipartScanner {
    private static final int MOST_HEADERS = 16 << 10;
    private static final int MOST_PADDING = 256;
    private static final byte[] LINE = {'\r', '\n'};
    private static final byte[] HEADERS_END = {'\r', '\n', '\r', '\n'};
    private static final Pattern BOUNDARY =
            Pattern.compile(";\\s*boundary\\s*=\\s*(?:\"([^\"]{1,256})\"|([^\\s\";]{1,256}))", Pattern.CASE_INSENSITIVE);
    private static final Pattern DISPOSITION =
            Pattern.compile("^content-disposition\\s*:(.*)$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final Pattern NAME = parameter("name");
    private static final Pattern FILE_NAME = parameter("filename\\*?");

    private enum State {
        PREAMBLE,
        AFTER_BOUNDARY,
        HEADERS,
        PART,
        END
    }

    private final byte[] delimiter;
    private final int mostText;
    private final MultiMap fields = MultiMap.caseInsensitiveMultiMap();
    private final Map<String, Fingerprint> files = new HashMap<>();
    private State state = State.PREAMBLE;

    /** What has arrived and is not consumed; begins as if a line had ended, so that the first boundary needs no case of its own. */
    private byte[] pending = LINE;

    private long fileBytes;
    private int textBytes;
    private String name = "";
    private @Nullable MessageDigest file;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();

    /** @param mostText bytes of all fields together */
    private MultipartScanner(String boundary, int mostText) {
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        this.mostText = mostText;
    }

    /** A scanner for a body of this content type; empty if it names no boundary. */
    static Optional<MultipartScanner> of(String contentType, int mostText) {
        Matcher boundary = BOUNDARY.matcher(contentType);
        if (!boundary.find()) {
            return Optional.empty();
        }
        String value = boundary.group(1) == null ? boundary.group(2) : boundary.group(1);
        return Optional.of(new MultipartScanner(value, mostText));
    }

    /**
     * Takes the next bytes.
     *
     * @throws Refusal if the fields are too long, or the body cannot be a form
     */
    void feed(byte[] bytes) {
        byte[] all = Arrays.copyOf(pending, pending.length + bytes.length);
        System.arraycopy(bytes, 0, all, pending.length, bytes.length);
        int from = 0;
        int next = step(all, from);
        while (next >= 0) {
            from = next;
            next = step(all, from);
        }
        pending = Arrays.copyOfRange(all, Math.min(all.length, from + consumable(all, from)), all.length);
    }

    /** Whether the closing boundary has been seen. */
    boolean isComplete() {
        return state == State.END;
    }

    MultiMap fields() {
        return fields;
    }

    Map<String, Fingerprint> files() {
        return files;
    }

    /** How many bytes of files have gone by. */
    long fileBytes() {
        return fileBytes;
    }

    /** Goes from one state to the next, if what it needs is there; returns where to go on, or -1. */
    private int step(byte[] all, int from) {
        return switch (state) {
            case PREAMBLE, PART -> {
                int at = indexOf(all, from, delimiter);
                if (at < 0) {
                    yield -1;
                }
                if (state == State.PART) {
                    take(all, from, at);
                    endPart();
                }
                state = State.AFTER_BOUNDARY;
                yield at + delimiter.length;
            }
            case AFTER_BOUNDARY -> {
                if (all.length - from >= 2 && all[from] == '-' && all[from + 1] == '-') {
                    state = State.END;
                    yield from + 2;
                }
                int line = indexOf(all, from, LINE);
                if (line < 0) {
                    requireAtMost(all.length - from, MOST_PADDING);
                    yield -1;
                }
                state = State.HEADERS;
                // The line's end stays: a part without headers begins with an empty line.
                yield line;
            }
            case HEADERS -> {
                int end = indexOf(all, from, HEADERS_END);
                if (end < 0) {
                    requireAtMost(all.length - from, MOST_HEADERS);
                    yield -1;
                }
                beginPart(new String(all, from, end - from, StandardCharsets.UTF_8));
                state = State.PART;
                yield end + HEADERS_END.length;
            }
            case END -> -1;
        };
    }

    /** How much of what is left may go: all that cannot be the beginning of a delimiter. */
    private int consumable(byte[] all, int from) {
        int left = all.length - from;
        return switch (state) {
            case PREAMBLE -> Math.max(0, left - delimiter.length + 1);
            case PART -> {
                int sure = Math.max(0, left - delimiter.length + 1);
                take(all, from, from + sure);
                yield sure;
            }
            case AFTER_BOUNDARY, HEADERS -> 0;
            case END -> left;
        };
    }

    private void beginPart(String headers) {
        Matcher disposition = DISPOSITION.matcher(headers);
        String parameters = disposition.find() ? disposition.group(1) : "";
        name = value(NAME, parameters).orElse("");
        file = value(FILE_NAME, parameters).isPresent() ? Fingerprint.sha256() : null;
        text.reset();
    }

    private void take(byte[] all, int from, int to) {
        if (file != null) {
            file.update(all, from, to - from);
            fileBytes += to - from;
            return;
        }
        textBytes += to - from;
        if (textBytes > mostText) {
            throw Refusal.tooLarge("a form's fields are too long or too many");
        }
        text.write(all, from, to - from);
    }

    private void endPart() {
        if (file != null) {
            files.putIfAbsent(name, new Fingerprint(HexFormat.of().formatHex(file.digest())));
        } else {
            fields.add(name, text.toString(StandardCharsets.UTF_8));
        }
    }

    private static void requireAtMost(int length, int most) {
        if (length > most) {
            throw Refusal.badRequest("can't parse multipart/form-data: a part's head is too long");
        }
    }

    private static Pattern parameter(String name) {
        return Pattern.compile(
                ";\\s*" + name + "\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s;]*))", Pattern.CASE_INSENSITIVE);
    }

    private static Optional<String> value(Pattern parameter, String parameters) {
        Matcher found = parameter.matcher(parameters);
        if (!found.find()) {
            return Optional.empty();
        }
        String quoted = found.group(1);
        return Optional.of(quoted == null ? found.group(2) : quoted.replaceAll("\\\\(.)", "$1"));
    }

    private static int indexOf(byte[] all, int from, byte[] wanted) {
        int last = all.length - wanted.length;
        for (int i = from; i <= last; i++) {
            if (all[i] == wanted[0] && Arrays.equals(all, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}
