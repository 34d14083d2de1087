package dev.sluice.history;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.ScriptRunner.Shard;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Histories in Redis: a hash for each, in the slot of its chat. */
final class RedisHistoryLists implements HistoryLists {
    private static final String FAMILY = "recent_history";
    private static final Pattern REST = Pattern.compile("\\{(-?[1-9]\\d{0,15})}:([1-9]\\d{0,18})");

    /** About a millisecond of Redis. */
    private static final int KEYS_LOOKED_AT = 500;

    /** A step of forgetting that comes late is no reason to begin anew. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String START = "0";

    private static final Script APPEND = script("append");
    private static final Script READ = script("read");
    private static final Script FILL = script("fill");
    private static final Script RELEASE = script("release");
    private static final Script CLEAR = script("clear");
    private static final Script FORGET = script("forget");
    private static final Script FIND = Script.of("history/find", new Part(RedisHistoryLists.class, "find.lua"));

    private static final int HEAD = 2;
    private static final int FIELDS = 5;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final List<byte[]> first;

    RedisHistoryLists(ScriptRunner redis, KeySpace keys, HistorySettings settings) {
        this.redis = redis;
        this.keys = keys;
        HistoryBounds bounds = settings.bounds();
        this.first = List.of(
                micros(settings.keep()), number(bounds.entries()), number(bounds.tokens()), micros(bounds.age()));
    }

    @Override
    public Look read(HistoryKey key, Selection selection) {
        return read(key, selection, "", Duration.ZERO);
    }

    @Override
    public Look lease(HistoryKey key, Selection selection, String fence, Duration length) {
        return read(key, selection, fence, length);
    }

    private Look read(HistoryKey key, Selection selection, String fence, Duration length) {
        ScriptReply reply = run(
                READ,
                key,
                List.of(number(selection.entries()), number(selection.tokens()), ascii(fence), micros(length)));
        var entries = new ArrayList<Kept>();
        for (int i = HEAD; i < reply.size(); i += FIELDS) {
            entries.add(new Kept(
                    reply.number(i),
                    reply.number(i + 1),
                    Math.toIntExact(reply.number(i + 2)),
                    reply.number(i + 3),
                    reply.bytes(i + 4)));
        }
        return new Look(State.valueOf(reply.text(0).toUpperCase(Locale.ROOT)), reply.number(1), entries);
    }

    @Override
    public Written append(HistoryKey key, List<Line> lines) {
        ScriptReply reply = run(APPEND, key, words(lines));
        return new Written(reply.number(0), Math.toIntExact(reply.number(1)));
    }

    @Override
    public boolean fill(HistoryKey key, String fence, List<Line> lines) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(ascii(fence));
        arguments.addAll(words(lines));
        return run(FILL, key, arguments).number(0) == 1;
    }

    @Override
    public void release(HistoryKey key, String fence) {
        run(RELEASE, key, List.of(ascii(fence)));
    }

    @Override
    public int clear(HistoryKey key, boolean known) {
        return Math.toIntExact(run(CLEAR, key, List.of(number(known ? 1 : 0))).number(0));
    }

    @Override
    public long forget(long user) {
        long forgotten = 0;
        for (Shard shard : redis.shards()) {
            String cursor = START;
            do {
                ScriptReply found = find(shard, cursor, user);
                for (int i = 1; i < found.size(); i++) {
                    forgotten +=
                            named(found.text(i)).map(key -> forget(key, user)).orElse(0L);
                }
                cursor = found.text(0);
            } while (!cursor.equals(START));
        }
        return forgotten;
    }

    private ScriptReply find(Shard shard, String cursor, long user) {
        return redis.run(
                FIND,
                List.of(keys.key(FAMILY, shard.tag(), "~")),
                List.of(
                        ascii(cursor),
                        ascii(KeySpace.literal(family()) + "*"),
                        number(KEYS_LOOKED_AT),
                        number(user),
                        ascii(keys.key(FAMILY, Long.toString(user), ""))),
                PATIENCE);
    }

    private long forget(HistoryKey key, long user) {
        List<byte[]> arguments = arguments(List.of(number(user), number(key.chat() == user ? 1 : 0)));
        return redis.run(FORGET, List.of(name(key)), arguments, PATIENCE).number(0);
    }

    private String family() {
        String key = keys.key(FAMILY, "", "");
        return key.substring(0, key.indexOf('{'));
    }

    /** Empty if it is none of these: somebody else's. */
    private Optional<HistoryKey> named(String key) {
        Matcher rest = REST.matcher(key.substring(family().length()));
        if (!rest.matches()) {
            return Optional.empty();
        }
        return Optional.of(new HistoryKey(new BotId(Long.parseLong(rest.group(2))), Long.parseLong(rest.group(1))));
    }

    private ScriptReply run(Script script, HistoryKey key, List<byte[]> more) {
        return redis.run(script, List.of(name(key)), arguments(more));
    }

    private String name(HistoryKey key) {
        return keys.key(FAMILY, Long.toString(key.chat()), key.bot().toString());
    }

    private List<byte[]> arguments(List<byte[]> more) {
        return Stream.concat(first.stream(), more.stream()).toList();
    }

    private static List<byte[]> words(List<Line> lines) {
        return lines.stream()
                .flatMap(line -> Arrays.stream(new byte[][] {
                    ascii(line.id()),
                    line.micros() == NOW ? new byte[0] : number(line.micros()),
                    number(line.tokens()),
                    number(line.user()),
                    line.content()
                }))
                .toList();
    }

    private static byte[] micros(Duration time) {
        return number(TimeUnit.MICROSECONDS.convert(time));
    }

    private static byte[] number(long number) {
        return ascii(Long.toString(number));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static Script script(String name) {
        return Script.of(
                "history/" + name,
                new Part(Script.class, "replace-fields.lua"),
                new Part(RedisHistoryLists.class, "history.lua"),
                new Part(RedisHistoryLists.class, name + ".lua"));
    }
}
