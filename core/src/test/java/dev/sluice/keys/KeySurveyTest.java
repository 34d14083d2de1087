package dev.sluice.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import io.lettuce.core.SetArgs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeySurveyTest {
    private final SharedRedis redis = RedisFixture.shared();
    private final KeySurvey survey = new KeySurvey(redis.runner(), KeySpace.DEFAULT);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    private static List<SurveyPage> pages(KeySurvey survey) {
        var pages = new ArrayList<SurveyPage>();
        Optional<String> cursor = Optional.of(KeySurvey.START);
        while (cursor.isPresent()) {
            pages.add(survey.look(cursor.get()));
            cursor = pages.getLast().next();
        }
        return pages;
    }

    private void put(String key, long ttlMillis) {
        redis.commands().set(key, new byte[10], SetArgs.Builder.px(ttlMillis));
    }

    private FamilyCount only() {
        List<SurveyPage> pages = pages(survey);
        assertThat(pages).hasSize(1);
        assertThat(pages.getFirst().families()).hasSize(1);
        return pages.getFirst().families().getFirst();
    }

    @Test
    void keys_are_counted_by_family_with_their_ttls_and_sizes() {
        put("sluice:budget:{1}:messages", 5_000);
        put("sluice:budget:{2}:messages", 90_000);
        redis.commands().set("others", new byte[1]);

        FamilyCount budgets = only();

        assertThat(budgets.name()).isEqualTo("budget:{<user>}:<budget>");
        assertThat(budgets.keys()).isEqualTo(2);
        assertThat(budgets.withoutTtl()).isZero();
        assertThat(budgets.shortestMillis().orElseThrow()).isBetween(1L, 5_000L);
        assertThat(budgets.longestMillis().orElseThrow()).isBetween(60_000L, 90_000L);
        assertThat(budgets.bytes()).isBetween(100L, 1_000L);
        assertThat(budgets.faults()).isEmpty();
    }

    @Test
    void a_key_without_ttl_that_nobody_owns_is_found_and_one_with_an_owner_is_none() {
        redis.commands().set("sluice:budget:{1}:messages", new byte[1]);
        assertThat(only().faults()).containsExactly(KeyFault.WITHOUT_TTL);
        assertThat(only().shortestMillis()).isEqualTo(OptionalLong.empty());
        redis.flush();
        redis.commands().hset("sluice:bots:{all}:limits", "1", new byte[1]);
        assertThat(only().faults()).isEmpty();
        assertThat(only().withoutTtl()).isEqualTo(1);
    }

    @Test
    void a_key_of_no_family_is_shown_without_what_may_be_somebodys() {
        put("sluice:budget:{@ann}:messages", 5_000);
        FamilyCount unknown = only();
        assertThat(unknown.name()).isEqualTo("budget:{?}:?");
        assertThat(unknown.family()).isEmpty();
        assertThat(unknown.faults()).containsExactly(KeyFault.UNKNOWN);
    }

    @Test
    void a_key_of_another_type_is_found() {
        redis.commands().sadd("sluice:budget:{1}:messages", new byte[1]);
        redis.commands().pexpire("sluice:budget:{1}:messages", 5_000);

        assertThat(only().faults()).containsExactly(KeyFault.OTHER_TYPE);
    }

    @Test
    void many_keys_are_read_in_pieces_of_small_steps_and_each_is_counted_once() {
        var users = new HashMap<String, byte[]>();
        for (int user = 0; user < 20_000; user++) {
            users.put("sluice:budget:{" + user + "}:messages", new byte[1]);
        }
        redis.commands().mset(users);
        for (int i = 0; i < 600; i++) {
            put("sluice:idempotency:{" + i + "}:" + "0".repeat(32), 60_000);
        }
        var replies = new AtomicLong();
        var counted = new KeySurvey(
                (script, keys, args) -> {
                    var reply = redis.runner().run(script, keys, args);
                    assertThat(reply.size()).isLessThan(4 * 500);
                    replies.incrementAndGet();
                    return reply;
                },
                KeySpace.DEFAULT);

        List<SurveyPage> pages = pages(counted);

        assertThat(pages).hasSizeGreaterThan(3);
        assertThat(replies).hasValueGreaterThan(100);
        Map<String, Long> sums = sums(pages);
        assertThat(sums).isEqualTo(Map.of("budget:{<user>}:<budget>", 20_000L, "idempotency:{<tag>}:<digest>", 600L));
    }

    @Test
    void kinds_of_strangers_keys_are_told_apart_up_to_a_bound() {
        for (int i = 0; i < 400; i++) {
            put("sluice:" + (char) ('a' + i / 26) + (char) ('a' + i % 26) + ":" + i, 60_000);
        }
        List<FamilyCount> counts = survey.look(KeySurvey.START).families();

        assertThat(counts.size())
                .isLessThanOrEqualTo(101 + KeyTable.ofSluice().families().size());
        assertThat(counts.stream().mapToLong(FamilyCount::keys).sum()).isEqualTo(400);
    }

    private static Map<String, Long> sums(List<SurveyPage> pages) {
        var sums = new HashMap<String, Long>();
        pages.forEach(page -> page.families().forEach(count -> sums.merge(count.name(), count.keys(), Long::sum)));
        return sums;
    }

    @Test
    void nothing_is_changed_and_a_text_that_is_no_cursor_is_refused() {
        put("sluice:budget:{1}:messages", 60_000);
        survey.look(KeySurvey.START);
        assertThat(redis.commands().keys("*")).containsExactly("sluice:budget:{1}:messages");
        assertThatThrownBy(() -> survey.look("x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> survey.look("1-99999999999999999999")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void all_masters_of_a_cluster_are_read() {
        try (var cluster = new ClusterFixture(3, 0);
                var store = RedisStore.connect(RedisFixture.patient(cluster.uri()), RedisEvents.NONE)) {
            for (int user = 0; user < 300; user++) {
                String key = "sluice:budget:{" + user + "}:messages";
                cluster.node(cluster.masterOf(key)).set(key, "x", SetArgs.Builder.px(60_000));
            }
            String key = "sluice:locks:{" + "0".repeat(32) + "}:lock";
            cluster.node(cluster.masterOf(key)).set(key, "x");

            List<SurveyPage> pages = pages(new KeySurvey(store, KeySpace.DEFAULT));

            assertThat(sums(pages)).isEqualTo(Map.of("budget:{<user>}:<budget>", 300L, "locks:{<digest>}:lock", 1L));
            assertThat(pages.stream()
                            .flatMap(page -> page.families().stream())
                            .flatMap(count -> count.faults().stream()))
                    .containsExactly(KeyFault.WITHOUT_TTL);
        }
    }
}
