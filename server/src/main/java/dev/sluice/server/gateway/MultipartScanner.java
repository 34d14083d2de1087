package dev.sluice.server.gateway;

import dev.sluice.idempotency.Fingerprint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a multipart body while it passes, as Telegram's server reads it: fields are kept, to a bound, files only digested. Not
 * thread-safe.
 *
 * <p>Netty's decoder would do, but not piece by piece: when a piece ends between the CR and the LF before a boundary, it takes
 * the CR for content (4.2.18), and the same file has another digest.
 *
 * <pre>
 *   PROLOGUE --first boundary--> BOUNDARY --CRLF--> HEADER --blank line--> CONTENT
 *                                   ^ '--"--"--> EPILOGUE                     |
 *                                   '-----------------boundary----------------'
 * </pre>
 *
 * <p>Each state looks for one mark. What can not be the beginning of it is dealt with, the rest waits for the next piece.
 */
final class MultipartScanner {
    private enum State {
        PROLOGUE,
        BOUNDARY,
        HEADER,
        CONTENT,
        EPILOGUE
    }

    /** RFC 2046 allows 70 characters. */
    private static final Pattern BOUNDARY =
            Pattern.compile("boundary\\s*=\\s*(\"([^\"]{1,70})\"|[^\\s;\"]{1,70})\\s*(;|$)", Pattern.CASE_INSENSITIVE);

    private static final byte[] BLANK_LINE = bytes("\r\n\r\n");
    private static final byte[] NOTHING = {};
    private static final int LONGEST_HEADER = 16 << 10;
    private static final int MOST_PARTS = 1024;

    private final byte[] firstBoundary;
    private final byte[] boundary;
    private final int mostText;
    private final MultipartForm form = MultipartForm.growing();
    private final MessageDigest digest = Fingerprint.sha256();
    private final ByteArrayOutputStream text = new ByteArrayOutputStream(256);
    private State state = State.PROLOGUE;
    private byte[] rest = NOTHING;
    private @Nullable PartHeader header;
    private int textKept;
    private int parts;

    private MultipartScanner(String boundary, int mostText) {
        this.firstBoundary = bytes("--" + boundary);
        this.boundary = bytes("\r\n--" + boundary);
        this.mostText = mostText;
    }

    /**
     * A scanner for a body of this type, or empty if the type names no boundary.
     *
     * @param mostText bytes of all fields together
     */
    static Optional<MultipartScanner> of(String contentType, int mostText) {
        Matcher matcher = BOUNDARY.matcher(contentType);
        return matcher.find()
                ? Optional.of(
                        new MultipartScanner(matcher.group(2) == null ? matcher.group(1) : matcher.group(2), mostText))
                : Optional.empty();
    }

    /** @throws Refusal if this is no multipart body, or its fields are too long */
    void feed(byte[] piece) {
        byte[] window = joined(rest, piece);
        int at = 0;
        for (int next = step(window, at); next >= 0; next = step(window, at)) {
            at = next;
        }
        rest = at == 0 ? window : Arrays.copyOfRange(window, at, window.length);
        if (state != State.HEADER && state != State.EPILOGUE) {
            passOn();
        }
    }

    /** @throws Refusal if the last boundary is missing */
    MultipartForm end() {
        if (state != State.EPILOGUE) {
            throw Refusal.badRequest("can't parse multipart/form-data: it ends before its last boundary");
        }
        return form;
    }

    /** One state's work on {@code window} from {@code at}: where the next goes on, or -1 if it takes more bytes. */
    private int step(byte[] window, int at) {
        return switch (state) {
            case PROLOGUE -> after(window, at, firstBoundary, State.BOUNDARY);
            case BOUNDARY -> boundaryEnd(window, at);
            case HEADER -> header(window, at);
            case CONTENT -> content(window, at);
            case EPILOGUE -> at < window.length ? window.length : -1;
        };
    }

    private int after(byte[] window, int at, byte[] mark, State next) {
        int found = indexOf(window, mark, at);
        if (found < 0) {
            return -1;
        }
        state = next;
        return found + mark.length;
    }

    private int boundaryEnd(byte[] window, int at) {
        if (window.length - at < 2) {
            return -1;
        }
        state = window[at] == '-' && window[at + 1] == '-' ? State.EPILOGUE : State.HEADER;
        return state == State.EPILOGUE ? at + 2 : at;
    }

    private int header(byte[] window, int at) {
        int end = indexOf(window, BLANK_LINE, at);
        if ((end < 0 ? window.length : end) - at > LONGEST_HEADER) {
            throw Refusal.badRequest("can't parse multipart/form-data: a part's header is too long");
        }
        if (end < 0) {
            return -1;
        }
        if (++parts > MOST_PARTS) {
            throw Refusal.tooLarge("a form has at most " + MOST_PARTS + " fields and files");
        }
        header = PartHeader.of(Arrays.copyOfRange(window, at, end));
        state = State.CONTENT;
        return end + BLANK_LINE.length;
    }

    private int content(byte[] window, int at) {
        int end = indexOf(window, boundary, at);
        if (end < 0) {
            return -1;
        }
        take(window, at, end);
        closePart();
        state = State.BOUNDARY;
        return end + boundary.length;
    }

    /** Of what waits, all but the bytes that the mark may begin with. */
    private void passOn() {
        int keep = Math.min(rest.length, boundary.length - 1);
        int done = rest.length - keep;
        if (done > 0 && state != State.BOUNDARY) {
            if (state == State.CONTENT) {
                take(rest, 0, done);
            }
            rest = Arrays.copyOfRange(rest, done, rest.length);
        }
    }

    private void take(byte[] from, int start, int end) {
        if (part().isFile()) {
            digest.update(from, start, end - start);
            return;
        }
        textKept += end - start;
        if (textKept > mostText) {
            throw Refusal.tooLarge("parameters are at most " + mostText + " bytes");
        }
        text.write(from, start, end - start);
    }

    private void closePart() {
        PartHeader part = part();
        if (part.isFile()) {
            form.files().putIfAbsent(part.name(), new Fingerprint(HexFormat.of().formatHex(digest.digest())));
        } else if (part.isUrlencoded()) {
            FormText.read(text.toString(StandardCharsets.ISO_8859_1), form.fields()::putIfAbsent);
        } else {
            form.fields().putIfAbsent(part.name(), text.toString(StandardCharsets.UTF_8));
        }
        text.reset();
        header = null;
    }

    private PartHeader part() {
        if (header == null) {
            throw new IllegalStateException("content outside of a part");
        }
        return header;
    }

    private static int indexOf(byte[] window, byte[] mark, int from) {
        int last = window.length - mark.length;
        for (int i = from; i <= last; i++) {
            if (window[i] == mark[0] && Arrays.equals(window, i, i + mark.length, mark, 0, mark.length)) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        if (first.length == 0) {
            return second;
        }
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
