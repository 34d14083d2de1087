package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.BOT;
import static dev.sluice.bundle.BundleStoreContract.LEASE;
import static dev.sluice.bundle.BundleStoreContract.RULES;
import static dev.sluice.bundle.BundleStoreContract.ids;
import static dev.sluice.bundle.BundleStoreContract.incoming;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sluice.bundle.AsideBundle.Reason;
import dev.sluice.bundle.AsideBundles.Requeue;
import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One person's keys that another program wrote, or cut, stop nobody else, and that person only for what was there. */
class RedisUnreadableBundlesTest {
    private static final String KEYS = "sluice:talkbuf:{123456}:";

    private final SettableMicros clock = new SettableMicros();
    private final SharedRedis redis = RedisFixture.shared();
    private final BundleStore store = RedisBundleFixture.byClock(redis, clock, RULES, 20);
    private final Conversation anna = Conversation.of(BOT, 11);
    private final Conversation ben = Conversation.of(BOT, 12);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    private void says(Conversation who, long id) {
        assertThat(store.add(incoming(who, id, 10, true))).isInstanceOf(Answer.Added.class);
    }

    /** Writes into one of hers what no version does. */
    private void write(String kind, String rubbish) {
        String key = KEYS + kind + ":11:11";
        byte[] before = kind.equals("state") ? redis.commands().get(key) : new byte[0];
        if (!rubbish.equals("pushed")) {
            redis.commands().del(key);
        }
        switch (rubbish) {
            case "cut" ->
                redis.commands()
                        .set(key, new String(before, UTF_8).substring(0, 60).getBytes(UTF_8));
            case "one number less" ->
                redis.commands()
                        .set(
                                key,
                                new String(before, UTF_8)
                                        .replaceFirst(" \\d+$", "")
                                        .getBytes(UTF_8));
            case "huge" ->
                redis.commands()
                        .set(
                                key,
                                new String(before, UTF_8)
                                        .replaceFirst("^\\d+", "9".repeat(400))
                                        .getBytes(UTF_8));
            case "nan" ->
                redis.commands()
                        .set(
                                key,
                                new String(before, UTF_8)
                                        .replaceFirst("^\\d+", "nan")
                                        .getBytes(UTF_8));
            case "hash" -> redis.commands().hset(key, "field", new byte[] {1});
            case "list", "pushed" -> redis.commands().lpush(key, "of another program".getBytes(UTF_8));
            case "set" -> redis.commands().sadd(key, new byte[] {1});
            case "nothing" -> redis.commands().set(key, new byte[0]);
            default -> redis.commands().set(key, new byte[] {0, -1, 'x', ' ', '1'});
        }
    }

    @ParameterizedTest
    @CsvSource({
        "state, cut",
        "state, one number less",
        "state, huge",
        "state, nan",
        "state, hash",
        "state, list",
        "state, nothing",
        "state, bytes",
        "messages, bytes",
        "messages, hash",
        "messages, list",
        "messages, pushed",
        "messages, set",
        "ids, bytes",
        "ids, hash",
        "ids, list"
    })
    void whatever_is_in_one_person_s_key_others_are_handed_over_and_that_person_goes_on(String kind, String rubbish) {
        says(anna, 1);
        clock.advanceMicros(1);
        says(ben, 1);
        Leased out = store.claim(BOT, 1, LEASE).bundles().getFirst();
        assertThat(out.conversation()).isEqualTo(anna);
        write(kind, rubbish);
        boolean readable = kind.equals("ids");
        if (!readable) {
            if (kind.equals("state")) {
                assertThat(store.renew(anna, out.fence(), LEASE)).isFalse();
                assertThat(store.settle(anna, out.fence())).isFalse();
                assertThat(store.setAside(anna, out.fence())).isEqualTo(BundleStore.Aside.NOTHING);
                assertThat(store.putBack(anna, out.fence(), Duration.ZERO, true))
                        .isEqualTo(Return.LOST);
            }
            clock.advance(LEASE);
        }
        Claimed claimed = store.claim(BOT, 32, LEASE);
        assertThat(claimed.bundles()).extracting(Leased::conversation).contains(ben);
        for (Leased leased : claimed.bundles()) {
            assertThat(store.settle(leased.conversation(), leased.fence())).isTrue();
        }
        boolean noMessage = rubbish.equals("pushed") && kind.equals("messages");
        if (!readable && !noMessage) {
            assertThat(claimed.aside().bundles()).isNotEmpty().allSatisfy(bundle -> {
                assertThat(bundle.reason()).isEqualTo(Reason.UNREADABLE);
                assertThat(bundle.id().conversation()).isEqualTo(anna);
            });
        }
        if (readable) {
            assertThat(store.settle(anna, out.fence())).isTrue();
        }
        says(anna, 2);
        assertThat(store.add(incoming(anna, 2, 10, true))).isInstanceOf(Answer.Duplicate.class);
        Leased next = store.claim(BOT, 32, LEASE).bundles().getFirst();
        assertThat(ids(next)).containsExactly(2L);
        assertThat(next.fence()).isGreaterThan(out.fence());
        assertThat(store.settle(anna, next.fence())).isTrue();
        for (AsideBundle bundle : store.aside(BOT, 0, 100)) {
            assertThat(store.drop(bundle.id())).isTrue();
        }
        assertThat(store.claim(BOT, 32, LEASE).bundles()).isEmpty();
    }

    @Test
    void messages_whose_state_cannot_be_read_are_set_aside_and_can_be_handed_over_again() {
        says(anna, 1);
        says(anna, 2);
        write("state", "bytes");
        Claimed claimed = store.claim(BOT, 32, LEASE);
        assertThat(claimed.bundles()).isEmpty();
        assertThat(claimed.aside().bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.messages()).isEqualTo(2);
            assertThat(store.requeue(bundle.id()).answer()).isEqualTo(Requeue.BACK);
        });
        assertThat(ids(store.claim(BOT, 32, LEASE).bundles().getFirst())).containsExactly(1L, 2L);
    }

    @Test
    void whoever_says_something_before_anybody_looks_begins_anew_and_is_told_of_what_was_set_aside() {
        says(anna, 1);
        write("state", "hash");
        assertThat(store.add(incoming(anna, 2, 10, true)))
                .isInstanceOfSatisfying(
                        Answer.Added.class,
                        added -> assertThat(added.aside().bundles()).hasSize(1));
        assertThat(ids(store.claim(BOT, 32, LEASE).bundles().getFirst())).containsExactly(2L);
    }

    @Test
    void many_messages_are_set_aside_in_bundles_of_which_each_can_be_handed_over() {
        for (long id = 1; id <= 250; id++) {
            says(anna, id);
        }
        write("state", "bytes");
        assertThat(store.claim(BOT, 32, LEASE).aside().bundles())
                .extracting(AsideBundle::messages)
                .containsExactly(100, 100, 50);
        var handed = new ArrayList<Long>();
        List<AsideBundle> all = store.aside(BOT, 0, 10);
        for (AsideBundle bundle : all) {
            assertThat(store.requeue(bundle.id()).answer()).isEqualTo(Requeue.BACK);
            Leased leased = store.claim(BOT, 32, LEASE).bundles().getFirst();
            handed.addAll(ids(leased));
            assertThat(store.settle(anna, leased.fence())).isTrue();
        }
        assertThat(handed).hasSize(250).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void what_another_program_put_among_messages_is_not_handed_over_again() {
        says(anna, 1);
        write("messages", "list");
        AsideBundle bundle = store.claim(BOT, 32, LEASE).aside().bundles().getFirst();
        assertThat(store.requeue(bundle.id()).answer()).isEqualTo(Requeue.UNREADABLE);
        assertThat(store.aside(BOT, 0, 10)).containsExactly(bundle);
        assertThat(store.drop(bundle.id())).isTrue();
    }

    /** What Redis evicted, or another program deleted, cut or added to, with what it should leave. */
    private void damage(String how) {
        switch (how) {
            case "state gone" -> redis.commands().del(KEYS + "state:11:11");
            case "first message gone" -> redis.commands().lpop(KEYS + "messages:11:11");
            case "last message gone" -> redis.commands().rpop(KEYS + "messages:11:11");
            default -> throw new IllegalArgumentException(how);
        }
    }

    @ParameterizedTest
    @CsvSource({"state gone, 3", "first message gone, 2", "last message gone, 2"})
    void what_is_left_of_somebody_s_messages_is_set_aside_whoever_finds_it(String how, int left) {
        for (boolean byClaim : List.of(true, false)) {
            for (long id = 1; id <= 3; id++) {
                assertThat(store.add(incoming(anna, id, 10, false))).isInstanceOf(Answer.Added.class);
            }
            clock.advance(Duration.ofMinutes(1));
            damage(how);
            BundleStore.Aside aside;
            if (byClaim) {
                Claimed claimed = store.claim(BOT, 32, LEASE);
                assertThat(claimed.bundles()).isEmpty();
                aside = claimed.aside();
            } else {
                aside = ((Answer.Added) store.add(incoming(anna, 4, 10, true))).aside();
                assertThat(ids(store.claim(BOT, 32, LEASE).bundles().getFirst()))
                        .containsExactly(4L);
            }
            assertThat(aside.bundles()).singleElement().satisfies(bundle -> {
                assertThat(bundle.reason()).isEqualTo(Reason.UNREADABLE);
                assertThat(bundle.messages()).isEqualTo(left);
            });
            assertThat(store.forget(anna)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"hash", "list", "set", "bytes"})
    void whatever_is_where_bundles_are_set_aside_none_is_lost(String rubbish) {
        says(anna, 1);
        says(ben, 1);
        write("state", "bytes");
        redis.commands().del(KEYS + "aside");
        switch (rubbish) {
            case "hash" -> redis.commands().hset(KEYS + "aside", "field", new byte[] {1});
            case "list" -> redis.commands().lpush(KEYS + "aside", new byte[] {1});
            case "set" -> redis.commands().sadd(KEYS + "aside", new byte[] {1});
            default -> redis.commands().set(KEYS + "aside", new byte[] {1});
        }
        assertThat(store.aside(BOT, 0, 10)).isEmpty();
        assertThat(store.conversations(BOT, 12)).containsExactly(ben);
        assertThat(store.claim(BOT, 32, LEASE).bundles())
                .extracting(Leased::conversation)
                .containsExactly(ben);
        assertThat(store.aside(BOT, 0, 10)).singleElement().satisfies(bundle -> {
            assertThat(bundle.messages()).isEqualTo(1);
            assertThat(store.requeue(bundle.id()).answer()).isEqualTo(Requeue.BACK);
        });
        assertThat(ids(store.claim(BOT, 32, LEASE).bundles().getFirst())).containsExactly(1L);
    }

    @Test
    void what_another_program_writes_among_what_is_set_aside_keeps_nothing_from_being_listed_or_forgotten() {
        says(anna, 1);
        says(ben, 1);
        write("state", "bytes");
        store.claim(BOT, 32, LEASE);
        List<AsideBundle> listed = store.aside(BOT, 0, 10);
        assertThat(listed).hasSize(1);
        for (String name : List.of("x", "11:11:x", "11:11:1", "12:12:2", "12:12:3", "1:1:" + "9".repeat(60))) {
            redis.commands().zadd(KEYS + "aside", 1.0, name.getBytes(UTF_8));
        }
        redis.commands().set(KEYS + "aside:11:11:1", new byte[] {1});
        redis.commands().lpush(KEYS + "aside:12:12:2", "rubbish".getBytes(UTF_8));
        redis.commands().hset(KEYS + "aside:12:12:3", "field", new byte[] {1});
        assertThat(store.aside(BOT, 0, 10)).containsExactlyElementsOf(listed);
        assertThat(store.requeue(new BundleId(anna, 1)).answer()).isEqualTo(Requeue.UNREADABLE);
        assertThat(store.conversations(BOT, 12)).containsExactly(ben);
        assertThat(store.forget(anna)).isTrue();
        assertThat(store.aside(BOT, 0, 10)).isEmpty();
        assertThat(redis.commands().exists(KEYS + "aside:11:11:1")).isZero();
    }

    @Test
    void what_is_handed_over_again_of_somebody_who_cannot_be_read_is() {
        says(anna, 1);
        write("state", "bytes");
        AsideBundle first = store.claim(BOT, 32, LEASE).aside().bundles().getFirst();
        says(anna, 2);
        write("state", "hash");
        BundleStore.Requeued requeued = store.requeue(first.id());
        assertThat(requeued.answer()).isEqualTo(Requeue.BACK);
        assertThat(requeued.aside().bundles()).hasSize(1);
        assertThat(ids(store.claim(BOT, 32, LEASE).bundles().getFirst())).containsExactly(1L);
    }

    @Test
    void a_name_of_nobody_among_those_who_have_something_is_taken_out() {
        says(ben, 1);
        for (String name : List.of("", "x", "0:0", "1:2:3", "1:" + "2".repeat(60))) {
            redis.commands().zadd(KEYS + "due", 0.0, name.getBytes(UTF_8));
            redis.commands().set(KEYS + "state:" + name, redis.commands().get(KEYS + "state:12:12"));
        }
        assertThat(store.claim(BOT, 32, LEASE).bundles())
                .extracting(Leased::conversation)
                .containsExactly(ben);
        assertThat(redis.commands().zcard(KEYS + "due")).isEqualTo(1);
        assertThat(store.conversations(12)).containsExactly(ben);
    }

    @Test
    void bytes_of_any_kind_are_read_or_not_and_stop_nobody() {
        var random = new Random(7);
        for (Sealer sealer : List.of(KeyRing.random(), Sealer.NONE)) {
            var seals = new BundleSeals(sealer);
            byte[] sealed = seals.write(anna, BundlerContract.says(1, "secret words"));
            for (int round = 0; round < 2_000; round++) {
                byte[] content;
                if (round <= sealed.length) {
                    content = Arrays.copyOf(sealed, round); // cut
                } else if (round % 2 == 0) {
                    content = sealed.clone();
                    content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
                } else {
                    content = new byte[random.nextInt(200)];
                    random.nextBytes(content);
                    if (content.length > 0) {
                        content[0] = sealed[0];
                    }
                }
                var held = List.of(new BundleStore.Held(1, 1, 1, content));
                assertThatCode(() -> seals.read(new Leased(anna, 1, 0, held))).doesNotThrowAnyException();
            }
        }
    }
}
