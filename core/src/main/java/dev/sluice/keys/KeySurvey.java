package dev.sluice.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScanPosition;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.ScriptRunner.Shard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Holds the keys of a Redis, of all parts of a Cluster, against the table. Thread-safe; changes nothing.
 *
 * <p>It is read piece by piece, and each piece by {@code SCAN} in steps of some hundred microseconds, so that nobody waits for it however
 * many keys there are. It has the guarantees of {@code SCAN}: a key that was there all the time is counted, one that came or went meanwhile may
 * be; a few may be counted twice while Redis enlarges its table or slots move.
 */
public final class KeySurvey {
    /** Before the first piece. */
    public static final String START = ScanPosition.START;

    /** Keys of one step: some 300 microseconds of Redis. */
    private static final int KEYS_OF_STEP = 200;

    /** Steps of one piece: less than half a second, so that whoever asks for it is not kept waiting. */
    private static final int STEPS = 25;

    /** Kinds of keys of no family that are told apart; a Redis full of others' keys must not fill memory here. */
    private static final int MOST_UNKNOWN = 100;

    private static final String OTHERS = "(others)";
    private static final String MOVING = "moving";

    /** Nobody waits for a decision here, and a step behind a busy Redis may take longer than one. */
    private static final Duration WITHIN = Duration.ofSeconds(2);

    /** What a reply has before the keys, and of each. */
    private static final int HEAD = 1;

    private static final int FIELDS = 4;

    private static final Script STEP = Script.of("keys/survey", new Script.Part(KeySurvey.class, "survey.lua"));

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final KeyTable table = KeyTable.ofSluice();

    public KeySurvey(ScriptRunner redis, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    /** All families, of none of which anything was seen yet. */
    public static List<FamilyCount> nothing() {
        return KeyTable.ofSluice().families().stream().map(FamilyCount::none).toList();
    }

    /**
     * The next piece.
     *
     * @param cursor {@link #START}, or {@link SurveyPage#next} of the piece before
     * @throws IllegalArgumentException if the cursor is neither
     * @throws dev.sluice.redis.RedisUnavailableException if Redis does not answer
     */
    public SurveyPage look(String cursor) {
        var tallies = new HashMap<String, Tally>();
        Optional<ScanPosition> position = Optional.of(ScanPosition.parse(cursor));
        long moving = 0;
        for (int step = 0; step < STEPS && position.isPresent(); step++) {
            List<Shard> shards = redis.shards();
            ScanPosition at = position.get();
            Shard shard = at.shard(shards);
            ScriptReply reply = redis.run(
                    STEP,
                    List.of(keys.key("watch", shard.tag(), "~")),
                    List.of(
                            ascii(at.cursorOn(shard)),
                            ascii(KeySpace.literal(keys.prefix()) + "*"),
                            ascii(Integer.toString(KEYS_OF_STEP))),
                    WITHIN);
            for (int i = HEAD; i < reply.size(); i += FIELDS) {
                if (reply.text(i + 1).equals(MOVING)) {
                    moving++;
                } else {
                    String name = reply.text(i).substring(keys.prefix().length());
                    tally(name, tallies).add(reply.text(i + 1), reply.number(i + 2), reply.number(i + 3));
                }
            }
            position = at.after(shard, reply.text(0), shards);
        }
        return new SurveyPage(counts(tallies), moving, position.map(ScanPosition::toString));
    }

    private Tally tally(String name, Map<String, Tally> tallies) {
        Optional<KeyFamily> family = table.familyOf(name);
        String shown = family.map(KeyFamily::name).orElseGet(() -> table.masked(name));
        if (family.isEmpty()
                && !tallies.containsKey(shown)
                && tallies.size() >= MOST_UNKNOWN + table.families().size()) {
            shown = OTHERS;
        }
        return tallies.computeIfAbsent(shown, text -> new Tally(text, family));
    }

    private List<FamilyCount> counts(Map<String, Tally> tallies) {
        var counts = new ArrayList<FamilyCount>();
        for (KeyFamily family : table.families()) {
            Optional.ofNullable(tallies.remove(family.name())).map(Tally::count).ifPresent(counts::add);
        }
        tallies.values().stream()
                .map(Tally::count)
                .sorted(Comparator.comparing(FamilyCount::name))
                .forEach(counts::add);
        return counts;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    /** A family's count as it grows. */
    private static final class Tally {
        private final String name;
        private final Optional<KeyFamily> family;
        private long keys;
        private long withoutTtl;
        private long ofOtherType;
        private long shortest = Long.MAX_VALUE;
        private long longest = -1;
        private long bytes;

        Tally(String name, Optional<KeyFamily> family) {
            this.name = name;
            this.family = family;
        }

        void add(String type, long left, long size) {
            keys++;
            bytes += Math.max(0, size);
            if (family.isPresent() && !family.get().type().word().equals(type)) {
                ofOtherType++;
            }
            if (left < 0) {
                withoutTtl++;
            } else {
                shortest = Math.min(shortest, left);
                longest = Math.max(longest, left);
            }
        }

        FamilyCount count() {
            boolean any = longest >= 0;
            return new FamilyCount(
                    name,
                    family,
                    keys,
                    withoutTtl,
                    ofOtherType,
                    any ? OptionalLong.of(shortest) : OptionalLong.empty(),
                    any ? OptionalLong.of(longest) : OptionalLong.empty(),
                    bytes);
        }
    }
}
