package dev.sluice.fsm;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeyScan;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.state.JsonValue;
import dev.sluice.state.SealedFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Conversations in Redis: a hash for each, in the slot of its user. */
final class RedisFsmStorage implements FsmStorage {
    private static final Script READ = script("read");
    private static final Script WRITE = script("write");

    private static final String FAMILY = "fsm";
    private static final String DATA = "d:";
    private static final String ANY = "";
    private static final String NONE = "-";
    private static final String NAMED = "=";

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final byte[] keepMicros;
    private final Sealer sealer;

    RedisFsmStorage(ScriptRunner redis, KeySpace keys, Duration keep, Sealer sealer) {
        FsmStorage.requireKeep(keep);
        this.redis = redis;
        this.keys = keys;
        this.keepMicros = number(keep.toMillis() * 1_000);
        this.sealer = sealer;
    }

    @Override
    public Conversation find(ConversationKey key) {
        ScriptReply reply = redis.run(READ, List.of(name(key)), List.of(keepMicros));
        if (reply.size() == 0) {
            return Conversation.NEW;
        }
        SealedFields fields = fields(key);
        Map<String, JsonValue> data = new HashMap<>();
        for (int i = 2; i < reply.size(); i++) {
            var field = fields.open(reply.bytes(i));
            data.put(field.getKey(), field.getValue());
        }
        return new Conversation(reply.number(0), state(reply, 1), data);
    }

    /** Those under their own id, and others' in their private chat, which frameworks do not have but a caller may. */
    @Override
    public long forget(long user) {
        var scan = new KeyScan(redis, keys);
        return scan.removeAll(FAMILY, Long.toString(user), "*") + scan.removeAll(FAMILY, "*", "*:" + user + ":*:*");
    }

    @Override
    public FsmAnswer write(ConversationKey key, FsmWrite write) {
        ScriptReply reply = redis.run(WRITE, List.of(name(key)), arguments(key, write));
        return switch ((int) reply.number(0)) {
            case 0 -> new FsmAnswer.Unexpected(reply.number(1), state(reply, 2));
            case 1 -> new FsmAnswer.Changed(reply.number(1), state(reply, 2));
            case 2 -> new FsmAnswer.Overtaken(reply.number(1));
            case 3 -> throw InMemoryFsmStorage.tooMuch(reply.number(1), reply.number(2));
            default ->
                throw new IllegalStateException(
                        "script " + reply.script() + " answered " + reply.number(0) + " where 0 to 3 was expected");
        };
    }

    private List<byte[]> arguments(ConversationKey key, FsmWrite write) {
        var arguments = new ArrayList<byte[]>();
        arguments.add(keepMicros);
        arguments.add(text(term(write.expected())));
        arguments.add(write.version().isPresent() ? number(write.version().getAsLong()) : text(""));
        arguments.add(number(write.fence().orElse(0)));
        arguments.add(text(term(write.next())));
        arguments.add(number(write.replaces() ? 1 : 0));
        arguments.add(number(MOST_FIELDS));
        arguments.add(number(MOST_BYTES));
        arguments.add(number(write.removes().size()));
        write.removes().forEach(name -> arguments.add(SealedFields.place(DATA, name)));
        SealedFields fields = fields(key);
        write.puts().forEach((name, value) -> {
            arguments.add(SealedFields.place(DATA, name));
            arguments.add(fields.seal(name, value));
        });
        return arguments;
    }

    private String name(ConversationKey key) {
        return keys.key(FAMILY, Long.toString(key.user()), key.rest());
    }

    private SealedFields fields(ConversationKey key) {
        return new SealedFields(sealer, "fsm/" + key.user() + "/" + key.rest());
    }

    private static String term(StateTerm term) {
        return switch (term) {
            case StateTerm.Any any -> ANY;
            case StateTerm.None none -> NONE;
            case StateTerm.Named(String name) -> NAMED + name;
        };
    }

    private static Optional<String> state(ScriptReply reply, int index) {
        String term = reply.text(index);
        return term.equals(NONE) ? Optional.empty() : Optional.of(term.substring(NAMED.length()));
    }

    private static byte[] number(long number) {
        return text(Long.toString(number));
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }

    private static Script script(String name) {
        return Script.of(
                "fsm/" + name,
                new Part(Script.class, "replace-fields.lua"),
                new Part(RedisFsmStorage.class, "conversation.lua"),
                new Part(RedisFsmStorage.class, name + ".lua"));
    }
}
