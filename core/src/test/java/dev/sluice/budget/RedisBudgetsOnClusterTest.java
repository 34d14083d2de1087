package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.Breaker;
import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Users lie on all masters; whoever lists them goes through all. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RedisBudgetsOnClusterTest {
    private static final Budget BUDGET = Budget.of("messages", 3, Duration.ofDays(1));
    private static final List<Long> USERS =
            LongStream.rangeClosed(1, 500).boxed().toList();

    private static ClusterFixture cluster;
    private static RedisStore store;
    private static GuardedRunner guarded;
    private static Budgets budgets;

    @BeforeAll
    static void start() {
        cluster = new ClusterFixture(3, 0);
        store = RedisStore.connect(
                // All of it is waited for while a slot moves.
                RedisFixture.patient(cluster.uri()).withCommandTimeout(Duration.ofSeconds(3)), RedisEvents.NONE);
        await().atMost(Duration.ofSeconds(20)).until(store::isConnected);
        guarded = new GuardedRunner(store, Breaker.Settings.DEFAULT, RedisEvents.NONE);
        budgets = Budgets.onRedis(guarded, KeySpace.DEFAULT);
        USERS.forEach(user -> budgets.consume(BUDGET, BudgetUser.of(user)));
    }

    @AfterAll
    static void stop() {
        guarded.close();
        store.close();
        cluster.close();
    }

    @Test
    @Order(1)
    void a_scan_goes_through_all_masters() {
        assertThat(guarded.shards()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(cluster.node(i).dbsize()).isPositive();
            String tag = guarded.shards().get(i).tag();
            assertThat(store.shardOf(List.of("{" + tag + "}"))).isEqualTo(cluster.id(i));
        }
        for (int about : new int[] {20, 1_000}) {
            assertThat(scanned(about)).containsExactlyInAnyOrderElementsOf(USERS);
        }
    }

    @Test
    @Order(2)
    void while_the_slot_that_leads_to_a_master_is_on_the_move_a_scan_is_refused_and_afterwards_finds_everybody() {
        String tag = guarded.shards().get(1).tag();
        String key = "sluice:budget:{" + tag + "}:messages";
        budgets.consume(BUDGET, BudgetUser.of(Long.parseLong(tag)));
        var amid = new ArrayList<Reason>();
        cluster.move(key, 1, 2, () -> {
            try {
                scanned(1_000);
            } catch (RedisUnavailableException e) {
                amid.add(e.reason());
            }
        });

        // It is asked again until its deadline, which may also come while an answer is on its way.
        assertThat(amid).hasSize(1).isSubsetOf(Reason.MOVING, Reason.NO_REPLY);
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
            budgets.usage(BUDGET, Long.parseLong(tag));
            assertThat(scanned(100)).containsAll(USERS);
        });
    }

    @Test
    @Order(3)
    void a_cursor_of_a_part_that_is_gone_is_gone_on_with_and_one_that_is_none_refused() {
        assertThat(budgets.scan(BUDGET, "16383-17", 1_000).users()).isNotEmpty();
        assertThatThrownBy(() -> budgets.scan(BUDGET, "16383-x", 1_000)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Long> scanned(int about) {
        var found = new ArrayList<Long>();
        var cursor = Budgets.START;
        while (true) {
            BudgetPage page = budgets.scan(BUDGET, cursor, about);
            page.users().forEach(usage -> found.add(usage.user()));
            if (page.next().isEmpty()) {
                return found;
            }
            cursor = page.next().get();
        }
    }
}
