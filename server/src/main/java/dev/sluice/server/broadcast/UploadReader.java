package dev.sluice.server.broadcast;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.server.broadcast.InvalidUploadException.Kind;
import dev.sluice.server.gateway.Submissions;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An upload, line by line: the template, then a recipient each, which is a chat's id or an object with {@code chat_id} and
 * parameters of its own. A chat that was named before is counted and left out. Not thread-safe.
 */
final class UploadReader {
    /** Telegram's longest text with its formatting takes a part of it. */
    static final int LONGEST_TEMPLATE = 64 << 10;

    static final int LONGEST_RECIPIENT = 4 << 10;

    private static final String RECIPIENT = "must be a chat's id (a whole number, not 0), or an object with chat_id and"
            + " parameters that this chat gets in place of the template's; line 1 is the template";
    private static final List<String> KNOWN = List.of("method", "params", "priority", "everybody", "idempotency_key");
    private static final long GREATEST_CHAT = 1L << 52;
    private static final int MOST_DIGITS = 17;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final LineReader lines;
    private final ChatSet chats = new ChatSet();
    private final MessageDigest digest = sha256();
    private long duplicates;

    UploadReader(InputStream in) {
        this.lines = new LineReader(in);
    }

    /**
     * What the first line says.
     *
     * @param everybody whether chats are tried that could not be reached lately
     * @param key the caller's own
     */
    record Head(Template template, boolean everybody, Optional<String> key) {}

    /** The first line; to be read before any recipient. */
    Head head() throws IOException {
        byte[] line = lines.next(LONGEST_TEMPLATE).orElseThrow(() -> invalid("is missing: it is the template"));
        digest.update(line);
        JsonNode node = json(line, "must be the template, a JSON object with method and params");
        if (!node.isObject()) {
            throw invalid("must be the template, a JSON object with method and params");
        }
        if (!node.propertyNames().stream().allMatch(KNOWN::contains)) {
            throw invalid("has an unknown member; known are " + String.join(", ", KNOWN));
        }
        return new Head(template(node), flag(node), key(node));
    }

    private Template template(JsonNode node) {
        String name = node.path("method").asString("");
        if (name.isBlank() || !Submissions.canBeQueued(new Method(name))) {
            throw invalid("method must be one that sends, copies, forwards or edits");
        }
        if (!(node.path("params") instanceof ObjectNode params)) {
            throw invalid("params must be an object");
        }
        if (params.has("chat_id")) {
            throw invalid("params must have no chat_id: each recipient has its own");
        }
        if (params.has("allow_paid_broadcast")
                && !params.path("allow_paid_broadcast").isBoolean()) {
            throw invalid("allow_paid_broadcast must be true or false");
        }
        Priority priority = node.has("priority")
                ? Priority.parse(node.path("priority").asString(""))
                        .orElseThrow(() -> invalid("priority must be high, normal or low"))
                : Priority.LOW;
        return new Template(new Method(name), params, priority);
    }

    private boolean flag(JsonNode node) {
        if (node.has("everybody") && !node.path("everybody").isBoolean()) {
            throw invalid("everybody must be true or false");
        }
        return node.path("everybody").asBoolean(false);
    }

    private Optional<String> key(JsonNode node) {
        if (!node.has("idempotency_key")) {
            return Optional.empty();
        }
        String key = node.path("idempotency_key").asString("");
        if (!key.matches("[\\x20-\\x7E]{1,255}")) {
            throw invalid("idempotency_key must be 1 to 255 printable ASCII characters");
        }
        return Optional.of(key);
    }

    /** The next recipient that was not named before; empty at the end. */
    Optional<Recipient> next() throws IOException {
        while (true) {
            Optional<byte[]> line = lines.next(LONGEST_RECIPIENT);
            if (line.isEmpty()) {
                return Optional.empty();
            }
            digest.update((byte) '\n');
            digest.update(line.get());
            Recipient recipient = recipient(line.get());
            if (chats.add(recipient.chat())) {
                return Optional.of(recipient);
            }
            duplicates++;
        }
    }

    private Recipient recipient(byte[] line) {
        long plain = plainNumber(line);
        if (plain != 0) {
            return Recipient.of(plain);
        }
        JsonNode node = json(line, RECIPIENT);
        JsonNode chat = node.isObject() ? node.path("chat_id") : node;
        if (!chat.isIntegralNumber()
                || !chat.canConvertToLong()
                || chat.asLong() == 0
                || Math.abs(chat.asLong()) >= GREATEST_CHAT) {
            throw invalid(RECIPIENT);
        }
        if (!(node instanceof ObjectNode own) || own.size() == 1) {
            return Recipient.of(chat.asLong());
        }
        if (own.has("allow_paid_broadcast")) {
            throw invalid("allow_paid_broadcast belongs into the template");
        }
        own.remove("chat_id");
        return new Recipient(chat.asLong(), JSON.writeValueAsBytes(own));
    }

    /** The number that all of a line is, since most are; 0 if it is anything else, or too long to be looked at here. */
    private static long plainNumber(byte[] line) {
        int end = line.length > 0 && line[line.length - 1] == '\r' ? line.length - 1 : line.length;
        int from = end > 0 && line[0] == '-' ? 1 : 0;
        if (end - from < 1 || end - from > MOST_DIGITS - 2 || line[from] == '0') {
            return 0;
        }
        long number = 0;
        for (int i = from; i < end; i++) {
            if (line[i] < '0' || line[i] > '9') {
                return 0;
            }
            number = number * 10 + line[i] - '0';
        }
        return from == 1 ? -number : number;
    }

    private JsonNode json(byte[] line, String otherwise) {
        try {
            return JSON.readTree(line);
        } catch (JacksonException e) {
            throw invalid(otherwise); // the parser's own message may quote the text
        }
    }

    private InvalidUploadException invalid(String detail) {
        return new InvalidUploadException(Kind.LINE, lines.line(), detail);
    }

    InvalidUploadException tooMany(int most) {
        return new InvalidUploadException(Kind.TOO_MANY, lines.line(), "there may be " + most + " recipients");
    }

    InvalidUploadException nobody() {
        return new InvalidUploadException(Kind.LINE, lines.line(), "is missing: there must be a recipient at least");
    }

    long duplicates() {
        return duplicates;
    }

    /** What was read so far, to tell a repeat from something else under the same key. */
    Fingerprint content() {
        return Fingerprint.of(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
