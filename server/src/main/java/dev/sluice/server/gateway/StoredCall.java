package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A call that waits in the queue, with all that is needed to make it. It is kept encrypted: it may hold a token, and texts.
 *
 * @param token its caller's own; empty if its bot is registered, so that a token changed meanwhile does no harm
 * @param test whether it goes to Telegram's test environment
 * @param query as it came, without the question mark; may be empty
 * @param contentType of the body
 * @param chat as the caller named it
 * @param body as it came, decompressed
 * @param broadcast whether it is one of many, of which nobody looks at each
 */
public record StoredCall(
        Method method,
        boolean test,
        String query,
        Optional<String> contentType,
        Optional<ChatId> chat,
        Optional<BotToken> token,
        byte[] body,
        boolean broadcast) {

    /** The first byte of the format, so that a later version can still read what this one wrote. */
    private static final int VERSION = 1;

    private static final int TEST = 1;
    private static final int BROADCAST = 2;

    /** A call that stands for itself. */
    public StoredCall(
            Method method,
            boolean test,
            String query,
            Optional<String> contentType,
            Optional<ChatId> chat,
            Optional<BotToken> token,
            byte[] body) {
        this(method, test, query, contentType, chat, token, body, false);
    }

    StoredCall withoutToken() {
        return new StoredCall(method, test, query, contentType, chat, Optional.empty(), body, broadcast);
    }

    /** What it says, unless its body is multipart. */
    Parameters parameters() {
        return ParameterReader.read(query, BodyKind.of(contentType.orElse("")), Buffer.buffer(body));
    }

    /** One call that says what this one and {@code others} say, all of them texts that were queued as such as may be joined. */
    public StoredCall joinedWith(List<StoredCall> others) {
        return others.isEmpty() ? this : JoinedTexts.join(this, others);
    }

    /** Encrypts it for its bot's queue. */
    public byte[] sealed(Sealer sealer, BotId bot) {
        return sealer.seal(context(bot), bytes());
    }

    /** The call again; empty if the key is gone, or it is no call of this bot's. */
    public static Optional<StoredCall> open(Sealer sealer, BotId bot, byte[] sealed) {
        return sealer.open(context(bot), sealed).flatMap(StoredCall::read);
    }

    /** Encrypts Telegram's answer to a call of a bot's. */
    public static byte[] sealedResult(Sealer sealer, BotId bot, byte[] answer) {
        return sealer.seal(resultContext(bot), answer);
    }

    /** Telegram's answer again; empty if the key is gone. */
    public static Optional<byte[]> openResult(Sealer sealer, BotId bot, byte[] sealed) {
        return sealer.open(resultContext(bot), sealed);
    }

    private static String context(BotId bot) {
        return "queue/call/" + bot;
    }

    private static String resultContext(BotId bot) {
        return "queue/result/" + bot;
    }

    private byte[] bytes() {
        var bytes = new ByteArrayOutputStream(body.length + query.length() + 64);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeByte((test ? TEST : 0) | (broadcast ? BROADCAST : 0));
            write(out, method.name());
            write(out, query);
            write(out, contentType.orElse(""));
            write(out, chat.map(ChatId::value).orElse(""));
            write(out, token.map(BotToken::reveal).orElse(""));
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory takes everything
        }
        return bytes.toByteArray();
    }

    private static Optional<StoredCall> read(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != VERSION) {
                return Optional.empty();
            }
            int flags = in.readByte();
            return Optional.of(new StoredCall(
                    new Method(text(in)),
                    (flags & TEST) != 0,
                    text(in),
                    present(text(in)),
                    present(text(in)).map(ChatId::new),
                    present(text(in)).flatMap(BotToken::parse),
                    in.readAllBytes(),
                    (flags & BROADCAST) != 0));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a text is longer than all there is");
        }
        return new String(in.readNBytes(length), UTF_8);
    }

    private static Optional<String> present(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredCall call
                && method.equals(call.method)
                && test == call.test
                && query.equals(call.query)
                && contentType.equals(call.contentType)
                && chat.equals(call.chat)
                && token.equals(call.token)
                && Arrays.equals(body, call.body)
                && broadcast == call.broadcast;
    }

    @Override
    public int hashCode() {
        return 31 * method.hashCode() + Arrays.hashCode(body);
    }

    /** Without what it says. */
    @Override
    public String toString() {
        return "StoredCall[" + method + ", " + body.length + " bytes]";
    }
}
