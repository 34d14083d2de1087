package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.KeySpace;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Priority;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Recounts a queue from its keys, by reading all of them: counters, places and owners must agree. */
final class RedisQueueAudit {
    private static final List<String> READY = Stream.of("v", "h", "n", "l")
            .flatMap(rank -> Stream.of("ready:" + rank, "ready:p" + rank, "ready:r" + rank))
            .toList();
    private static final Set<Character> IN_LANE = Set.of('Q', 'A', 'R', 'L');

    private final RedisCommands<String, byte[]> redis;
    private final String prefix;
    private final BotId bot;

    /** One message as its bytes say. */
    private record Found(char state, int rank, String lane, int cost) {}

    RedisQueueAudit(RedisCommands<String, byte[]> redis, BotId bot) {
        this.redis = redis;
        this.bot = bot;
        this.prefix = KeySpace.DEFAULT.key("msg_queue", bot.toString(), "");
    }

    void check(QueueStatistics counted) {
        Map<String, Found> messages = messages();
        Map<String, List<String>> lanes = lanes();
        lanesHoldWhatIsPending(messages, lanes);
        everyLaneHasOnePlace(messages, lanes);
        setsHoldTheirMessages(messages);
        countersAgree(messages, counted);
        everyKeyHasAnOwner(messages);
    }

    private Map<String, Found> messages() {
        var messages = new HashMap<String, Found>();
        for (String key : redis.keys(prefix + "m:*")) {
            byte[] raw = redis.get(key);
            String number = key.substring((prefix + "m:").length());
            var details = new MessageRecord(new MessageId(bot, Long.parseLong(number)), raw).details();
            int laneLength = raw[31];
            String lane = new String(raw, 32, laneLength, StandardCharsets.US_ASCII);
            messages.put(number, new Found((char) raw[0], raw[2], lane, details.cost()));
        }
        return messages;
    }

    private static Found found(Map<String, Found> messages, String number) {
        return Objects.requireNonNull(messages.get(number), number);
    }

    private Map<String, List<String>> lanes() {
        var lanes = new HashMap<String, List<String>>();
        for (String key : redis.keys(prefix + "lane:*")) {
            lanes.put(key.substring((prefix + "lane:").length()), members(key));
        }
        return lanes;
    }

    private List<String> members(String key) {
        var texts = new ArrayList<String>();
        redis.zrange(key, 0, -1).forEach(member -> texts.add(new String(member, StandardCharsets.US_ASCII)));
        return texts;
    }

    private void lanesHoldWhatIsPending(Map<String, Found> messages, Map<String, List<String>> lanes) {
        var inLanes = new HashSet<String>();
        lanes.forEach((lane, numbers) -> numbers.forEach(number -> {
            assertThat(messages).as("message in lane %s", lane).containsKey(number);
            assertThat(found(messages, number).lane()).isEqualTo(lane);
            inLanes.add(number);
        }));
        messages.forEach((number, message) -> assertThat(IN_LANE.contains(message.state()))
                .as("%s in its lane", message)
                .isEqualTo(inLanes.contains(number)));
    }

    private void everyLaneHasOnePlace(Map<String, Found> messages, Map<String, List<String>> lanes) {
        List<String> paused = members(prefix + "paused");
        var places = new HashMap<String, List<String>>();
        var names = new ArrayList<>(READY);
        names.add("waiting");
        names.add("leased");
        for (String place : names) {
            members(prefix + place)
                    .forEach(lane -> places.computeIfAbsent(lane, ignored -> new ArrayList<>())
                            .add(place));
        }
        assertThat(lanes.keySet()).as("lanes that have a place").containsAll(places.keySet());
        lanes.forEach((lane, numbers) -> {
            List<String> has = places.getOrDefault(lane, List.of());
            if (paused.contains(lane)) {
                assertThat(has).as("places of paused %s", lane).isSubsetOf("waiting", "leased");
            } else {
                assertThat(has).as("places of %s", lane).hasSize(1);
            }
            Found head = found(messages, numbers.getFirst());
            long leased = numbers.stream()
                    .filter(it -> found(messages, it).state() == 'L')
                    .count();
            assertThat(leased).as("in flight in %s", lane).isEqualTo(has.contains("leased") ? 1 : 0);
            assertThat(head.state() == 'L').isEqualTo(leased == 1);
            has.stream()
                    .filter(READY::contains)
                    .forEach(place -> assertThat(place.charAt(place.length() - 1))
                            .as("rank of %s", lane)
                            .isEqualTo("vhnl".charAt(head.rank())));
        });
    }

    private void setsHoldTheirMessages(Map<String, Found> messages) {
        Map.of("delayed", 'D', "dead", 'X', "unknown", 'U')
                .forEach((set, state) -> assertThat(members(prefix + set))
                        .as(set)
                        .containsExactlyInAnyOrderElementsOf(messages.entrySet().stream()
                                .filter(entry -> entry.getValue().state() == state)
                                .map(Map.Entry::getKey)
                                .toList()));
    }

    private static void countersAgree(Map<String, Found> messages, QueueStatistics counted) {
        for (Priority priority : Priority.values()) {
            assertThat(counted.depth().get(priority))
                    .as("%s", priority)
                    .isEqualTo(inLane(messages, MessageRecord.rank(priority)));
        }
        assertThat(counted.vip()).isEqualTo(inLane(messages, 0));
        assertThat(counted.retryingInAll()).isEqualTo(inState(messages, 'R'));
        assertThat(counted.leased()).isEqualTo(inState(messages, 'L'));
        assertThat(counted.dead()).isEqualTo(inState(messages, 'X'));
        assertThat(counted.unknown()).isEqualTo(inState(messages, 'U'));
        assertThat(counted.delayed()).isEqualTo(inState(messages, 'D'));
    }

    private static long inLane(Map<String, Found> messages, int rank) {
        return messages.values().stream()
                .filter(message -> message.rank() == rank && IN_LANE.contains(message.state()))
                .count();
    }

    private static long inState(Map<String, Found> messages, char state) {
        return messages.values().stream()
                .filter(message -> message.state() == state)
                .count();
    }

    /** What may stay without a TTL is what a message owns, and what is the bot's. */
    private void everyKeyHasAnOwner(Map<String, Found> messages) {
        for (String key : redis.keys(prefix + "*")) {
            String name = key.substring(prefix.length());
            if (name.startsWith("m:")) {
                char state = found(messages, name.substring(2)).state();
                assertThat(redis.pttl(key) > 0)
                        .as("TTL of a message in %s", state)
                        .isEqualTo("SF".indexOf(state) >= 0);
            } else if (name.startsWith("key:") && redis.pttl(key) < 0) {
                assertThat(redis.get(key)).hasSize(40);
            } else if (name.startsWith("callback:") && redis.pttl(key) < 0) {
                char state =
                        found(messages, name.substring("callback:".length())).state();
                assertThat(state).as("state of a message whose callback stays").isNotIn('S', 'F');
            } else if (name.equals("callbacks")) {
                assertThat(redis.pttl(key)).as("TTL of what is owed").isPositive();
            } else if (name.startsWith("replaces:")) {
                var entries = ByteBuffer.wrap(redis.get(key)).order(ByteOrder.LITTLE_ENDIAN);
                assertThat(entries.remaining()).as("what is known by %s", name).isPositive();
                while (entries.hasRemaining()) {
                    assertThat(entries.get()).isPositive();
                    assertThat(messages).containsKey(Long.toString((long) entries.getDouble()));
                }
            }
        }
        assertThat(redis.keys(prefix + "expiring")).hasSizeLessThan(2);
    }
}
