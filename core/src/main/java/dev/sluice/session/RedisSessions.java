package dev.sluice.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeyScan;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.session.Session.Entry;
import dev.sluice.session.Session.Temporary;
import dev.sluice.state.SealedFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Sessions in Redis: a hash for each, in the slot of its user. */
final class RedisSessions implements Sessions {
    private static final Script READ = script("read");
    private static final Script WRITE = script("write");

    /** An entry of a list has no name. */
    private static final String UNNAMED = "";

    private static final String FAMILY = "session";
    private static final String SETTING = "s:";
    private static final int FIELDS_OF_ENTRY = 4;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final byte[] keepMicros;
    private final Sealer sealer;

    RedisSessions(ScriptRunner redis, KeySpace keys, Duration keep, Sealer sealer) {
        Sessions.requireKeep(keep);
        this.redis = redis;
        this.keys = keys;
        this.keepMicros = number(keep.toMillis() * 1_000);
        this.sealer = sealer;
    }

    @Override
    public Session find(SessionKey key) {
        ScriptReply reply = redis.run(READ, List.of(name(key)), List.of(keepMicros));
        if (reply.size() == 0) {
            return Session.NEW;
        }
        // By their numbers: in Redis they stand in no order.
        var actions = new TreeMap<Long, Entry>();
        var history = new TreeMap<Long, Entry>();
        Map<String, Temporary> settings = new HashMap<>();
        for (int i = 1; i < reply.size(); i += FIELDS_OF_ENTRY) {
            long number = reply.number(i + 1);
            long micros = reply.number(i + 2);
            byte[] sealed = reply.bytes(i + 3);
            switch (reply.text(i)) {
                case "a" -> actions.put(number, entry(key, "actions", micros, sealed));
                case "h" -> history.put(number, entry(key, "history", micros, sealed));
                case "s" -> {
                    var setting = fields(key, "settings").open(sealed);
                    settings.put(
                            setting.getKey(),
                            new Temporary(
                                    setting.getValue(),
                                    micros == 0 ? Optional.empty() : Optional.of(InMemorySessions.time(micros))));
                }
                default -> throw new IllegalStateException("script " + reply.script() + " answered an unknown kind");
            }
        }
        return new Session(reply.number(0), List.copyOf(actions.values()), settings, List.copyOf(history.values()));
    }

    private Entry entry(SessionKey key, String list, long micros, byte[] sealed) {
        return new Entry(fields(key, list).open(sealed).getValue(), InMemorySessions.time(micros));
    }

    @Override
    public SessionAnswer write(SessionKey key, SessionWrite write) {
        ScriptReply reply = redis.run(WRITE, List.of(name(key)), arguments(key, write));
        return switch ((int) reply.number(0)) {
            case 0 -> new SessionAnswer.Unexpected(reply.number(1));
            case 1 -> new SessionAnswer.Changed(reply.number(1));
            case 2 -> throw InMemorySessions.tooMuch(reply.number(1));
            default ->
                throw new IllegalStateException(
                        "script " + reply.script() + " answered " + reply.number(0) + " where 0 to 2 was expected");
        };
    }

    @Override
    public long forget(long user) {
        return new KeyScan(redis, keys).removeAll(FAMILY, Long.toString(user), "*");
    }

    private List<byte[]> arguments(SessionKey key, SessionWrite write) {
        var arguments = new ArrayList<byte[]>();
        arguments.add(keepMicros);
        arguments.add(write.version().isPresent() ? number(write.version().getAsLong()) : "".getBytes(UTF_8));
        arguments.add(number(write.clears() ? 1 : 0));
        arguments.add(number(MOST_ACTIONS));
        arguments.add(number(MOST_HISTORY));
        arguments.add(number(MOST_SETTINGS));
        arguments.add(number(write.actions().size()));
        arguments.add(number(write.history().size()));
        arguments.add(number(write.removes().size()));
        SealedFields actions = fields(key, "actions");
        write.actions().forEach(action -> arguments.add(actions.seal(UNNAMED, action)));
        SealedFields history = fields(key, "history");
        write.history().forEach(entry -> arguments.add(history.seal(UNNAMED, entry)));
        write.removes().forEach(name -> arguments.add(SealedFields.place(SETTING, name)));
        SealedFields settings = fields(key, "settings");
        write.settings().forEach((name, setting) -> {
            arguments.add(SealedFields.place(SETTING, name));
            arguments.add(
                    number(setting.ttl().map(ttl -> ttl.toMillis() * 1_000).orElse(0L)));
            arguments.add(settings.seal(name, setting.value()));
        });
        return arguments;
    }

    private String name(SessionKey key) {
        return keys.key(FAMILY, Long.toString(key.user()), key.bot().toString());
    }

    private SealedFields fields(SessionKey key, String part) {
        return new SealedFields(sealer, "session/" + key.user() + "/" + key.bot() + "/" + part);
    }

    private static byte[] number(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }

    private static Script script(String name) {
        return Script.of(
                "session/" + name,
                new Part(Script.class, "replace-fields.lua"),
                new Part(RedisSessions.class, "session.lua"),
                new Part(RedisSessions.class, name + ".lua"));
    }
}
