package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.BOT;
import static dev.sluice.bundle.BundleStoreContract.LEASE;
import static dev.sluice.bundle.BundleStoreContract.RULES;
import static dev.sluice.bundle.BundleStoreContract.ids;
import static dev.sluice.bundle.BundleStoreContract.incoming;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bundle.AsideBundle.Reason;
import dev.sluice.bundle.AsideBundles.Requeue;
import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers that another program wrote, of which some would keep Redis busy for ever, and what they keep from being set aside or forgotten. */
class RedisUnreadableAsideTest {
    private static final String KEYS = "sluice:talkbuf:{123456}:";

    /** From here on one more is the same number to Redis' scripts. */
    private static final long NO_NEXT = 1L << 53;

    private final SettableMicros clock = new SettableMicros();
    private final SharedRedis redis = RedisFixture.shared();
    private final BundleStore store = RedisBundleFixture.byClock(redis, clock, RULES.withMostLost(1), 20);
    private final Conversation anna = Conversation.of(BOT, 11);
    private final Conversation ben = Conversation.of(BOT, 12);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    private void says(Conversation who, long id) {
        assertThat(store.add(incoming(who, id, 10, true))).isInstanceOf(Answer.Added.class);
    }

    private Claimed claim() {
        return store.claim(BOT, 32, LEASE);
    }

    private void dies() {
        claim();
        clock.advance(LEASE);
    }

    private List<AsideBundle> aside() {
        return store.aside(BOT, 0, 100);
    }

    private String get(String key) {
        return new String(redis.commands().get(KEYS + key), UTF_8);
    }

    private void set(String key, String text) {
        redis.commands().set(KEYS + key, text.getBytes(UTF_8));
    }

    private void push(String key, String text) {
        redis.commands().rpush(KEYS + key, text.getBytes(UTF_8));
    }

    /** Hers without a bundle, but for these numbers. */
    private void writeState(Map<String, Long> numbers, String closed) {
        var names = List.of(
                "last", "fence", "settled", "ready", "lease", "failures", "first", "closes", "bytes", "open", "held");
        var words = new ArrayList<String>();
        names.forEach(name -> words.add(Long.toString(numbers.getOrDefault(name, 0L))));
        set("state:11:11", (String.join(" ", words) + " " + closed).strip());
        redis.commands().zadd(KEYS + "due", clock.getAsLong(), "11:11".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(longs = {NO_NEXT - 3, NO_NEXT, NO_NEXT + 1, 99_999_999_999_999_999L})
    void a_number_after_which_there_is_none_keeps_redis_no_longer_than_others(long last) {
        says(anna, 1);
        set("state:11:11", get("state:11:11").replaceFirst("^\\d+", Long.toString(last)));
        for (long id = 2; id <= 6; id++) {
            says(anna, id);
        }
        for (int lease = 0; lease < 8; lease++) {
            says(ben, 100 + lease);
            dies();
        }
        assertThat(aside())
                .filteredOn(bundle -> bundle.id().conversation().equals(anna))
                .extracting(AsideBundle::id)
                .doesNotHaveDuplicates()
                .allSatisfy(id -> assertThat(BundleId.parse(BOT, id.toString())).isEqualTo(id))
                .hasSizeBetween(1, 6);
        for (AsideBundle bundle : aside()) {
            assertThat(store.requeue(bundle.id()).answer()).isEqualTo(Requeue.BACK);
        }
    }

    @Test
    void messages_of_numbers_after_which_there_is_none_are_set_aside_each_under_a_name_of_its_own() {
        for (int round = 0; round < 4; round++) {
            writeState(Map.of("last", NO_NEXT + 1, "ready", 1L, "held", 10L), "1 10");
            push("messages:11:11", (NO_NEXT + 1) + " 1 " + (round + 1) + " 10 words");
            dies();
        }
        claim();
        assertThat(aside()).extracting(AsideBundle::id).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void a_lease_of_no_bundle_is_nobody_s() {
        says(ben, 1);
        long fence = clock.getAsLong();
        for (int step = 0; step < 4; step++) {
            writeState(Map.of("fence", fence, "lease", clock.getAsLong() + 1), "");
            switch (step) {
                case 0 -> assertThat(store.settle(anna, fence)).isFalse();
                case 1 -> assertThat(store.setAside(anna, fence)).isEqualTo(BundleStore.Aside.NOTHING);
                case 2 -> assertThat(store.putBack(anna, fence, LEASE, true)).isEqualTo(Return.LOST);
                default -> assertThat(store.renew(anna, fence, LEASE)).isFalse();
            }
        }
        clock.advanceMicros(1);
        assertThat(claim().bundles()).extracting(Leased::conversation).containsExactly(ben);
        says(anna, 2);
        assertThat(ids(claim().bundles().getFirst())).containsExactly(2L);
    }

    @Test
    void leases_beyond_counting_are_not_told() {
        says(anna, 1);
        says(ben, 1);
        set("state:11:11", get("state:11:11") + " lost=" + "9".repeat(400));
        assertThat(claim().bundles()).extracting(Leased::conversation).containsExactly(ben);
        assertThat(aside()).singleElement().satisfies(bundle -> {
            assertThat(bundle.reason()).isEqualTo(Reason.UNREADABLE);
            assertThat(bundle.messages()).isEqualTo(1);
        });
    }

    @Test
    void a_bundle_of_more_messages_than_any_is_set_aside_whole() {
        says(ben, 1);
        int count = 20_000;
        writeState(Map.of("last", (long) count, "ready", 1L, "held", 10L * count), count + " " + 10 * count);
        redis.commands()
                .rpush(
                        KEYS + "messages:11:11",
                        IntStream.rangeClosed(1, count)
                                .mapToObj(number -> (number + " 1 " + number + " 10 words").getBytes(UTF_8))
                                .toArray(byte[][]::new));
        dies();
        assertThat(claim().aside().bundles())
                .filteredOn(bundle -> bundle.id().conversation().equals(anna))
                .extracting(AsideBundle::messages)
                .containsExactly(count);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inf", "1e19", "9.1e15", "-inf", "1800000000000000.5"})
    void whenever_another_program_says_that_something_was_set_aside_all_else_is_listed_page_by_page(String when) {
        redis.commands()
                .zadd(KEYS + "aside", Double.parseDouble(when.replace("inf", "Infinity")), "11:11:5".getBytes(UTF_8));
        push("aside:11:11:5", "lost 1 0");
        push("aside:11:11:5", "5 5 5 10 words");
        says(ben, 1);
        dies();
        assertThat(claim().aside().bundles()).hasSize(1);
        says(ben, 2);
        dies();
        assertThat(claim().aside().bundles()).hasSize(1);
        var listed = new ArrayList<BundleId>();
        long after = 0;
        for (int page = 0; page < 5; page++) {
            List<AsideBundle> one = store.aside(BOT, after, 1);
            if (one.isEmpty()) {
                break;
            }
            listed.add(one.getFirst().id());
            after = ChronoUnit.MICROS.between(Instant.EPOCH, one.getFirst().at());
        }
        assertThat(listed).doesNotHaveDuplicates();
        assertThat(listed).filteredOn(id -> id.conversation().equals(ben)).hasSize(2);
    }

    @Test
    void names_of_nobody_keep_nobody_from_being_handed_over_or_forgotten() {
        says(anna, 1);
        for (String name : List.of("rubbish:11", "1:2:11", "1".repeat(30) + ":11", "0:11")) {
            redis.commands().zadd(KEYS + "due", 0.0, name.getBytes(UTF_8));
            set("state:" + name, get("state:11:11"));
            push("messages:" + name, "5 5 5 10 words");
        }
        assertThat(store.conversations(BOT, 11)).containsExactly(anna);
        assertThat(claim().bundles()).extracting(Leased::conversation).containsExactly(anna);
        assertThat(redis.commands().zcard(KEYS + "due")).isEqualTo(1);
    }

    @Test
    void what_is_set_aside_is_forgotten_although_the_list_of_all_was_lost() {
        says(anna, 1);
        says(ben, 1);
        dies();
        assertThat(claim().aside().bundles()).hasSize(2);
        redis.commands().del(KEYS + "aside", KEYS + "state:11:11", KEYS + "ids:11:11");
        assertThat(store.conversations(11)).containsExactly(anna);
        assertThat(store.forget(anna)).isTrue();
        assertThat(redis.commands().keys("*:11:11*")).isEmpty();
        assertThat(redis.commands().keys(KEYS + "aside:12:12:*")).hasSize(1);
    }

    @Test
    void a_bot_of_any_id_is_found_and_heard_of_and_a_longer_number_is_nobody() {
        var longest = new BotId(Long.MAX_VALUE);
        var heard = new ArrayList<BotId>();
        var every = new RedisBundleStore(
                redis.clockRunner(),
                redis.clockRunner(),
                KeySpace.DEFAULT,
                (channel, listener) -> {
                    for (String bot : List.of("9223372036854775808", "9".repeat(19), "0", "", "x", "-1")) {
                        listener.accept(bot);
                    }
                    listener.accept(longest.toString());
                    return new DeafSubscription();
                },
                RULES,
                20);
        try (Subscription listening = every.listen(heard::add)) {
            assertThat(listening.isLive()).isFalse();
        }
        assertThat(heard).containsExactly(longest);
        Conversation hers = Conversation.of(longest, 11);
        every.add(incoming(hers, 1, 10, true));
        redis.commands().set("sluice:talkbuf:{9223372036854775808}:state:11:11", new byte[] {1});
        assertThat(every.conversations(11)).containsExactly(hers);
    }

    private static final class DeafSubscription implements Subscription {
        @Override
        public boolean isLive() {
            return false;
        }

        @Override
        public void close() {}
    }

    @Test
    void of_whom_is_forgotten_no_id_is_left() {
        BundleStore patient = RedisBundleFixture.byClock(redis, clock, RULES.withMostLost(2), 20);
        says(anna, 1);
        patient.claim(BOT, 1, LEASE);
        clock.advance(LEASE);
        patient.claim(BOT, 1, LEASE);
        assertThat(get("alone")).isEqualTo("11:11");
        assertThat(patient.forget(ben)).isFalse();
        assertThat(get("alone")).isEqualTo("11:11");
        assertThat(patient.forget(anna)).isTrue();
        assertThat(redis.commands().exists(KEYS + "alone")).isZero();
    }
}
