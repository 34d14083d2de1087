package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.SettableMicros;
import dev.sluice.namedlimit.Passage.Allowed;
import dev.sluice.namedlimit.Passage.Denied;
import dev.sluice.namedlimit.Passage.Overlooked;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds while the shared store cannot be asked, and how it is found again. The store is one in memory whose way is cut. */
class FailoverNamedLimitsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final NamedLimit TEN = NamedLimit.atMost("api", 10, Duration.ofMinutes(1));
    private static final Use CALL = Use.of("api");

    private final SettableMicros clock = new SettableMicros();
    private final NamedLimits store = new InMemoryNamedLimits(clock, 1_000);
    private final List<String> told = new ArrayList<>();
    private Optional<Reason> cut = Optional.empty();
    private int replicas = 2;

    private final OutageListener listener = new OutageListener() {
        @Override
        public void outageBegan(RedisUnavailableException cause) {
            told.add("began");
        }

        @Override
        public void outageEnded(Duration lasted) {
            told.add("ended after " + lasted.toSeconds() + " s");
        }
    };

    @BeforeEach
    void define() {
        store.define(TEN);
    }

    @Test
    void while_the_store_answers_it_decides() {
        NamedLimits limits = limits(OnStoreFailure.LOCAL);
        assertThat(limits.acquire(CALL)).isEqualTo(new Allowed(TEN, 9, TEN.window(), true));
        store.acquire(CALL.weighing(9));
        assertThat(limits.acquire(CALL)).isEqualTo(new Denied(TEN, 0, TEN.window(), true));
        assertThat(told).isEmpty();
    }

    @Test
    void local_goes_on_at_this_replicas_share_once_what_others_spent_before_has_passed() {
        NamedLimits limits = limits(OnStoreFailure.LOCAL);
        limits.acquire(CALL);
        cut = Optional.of(Reason.NOT_CONNECTED);

        assertThat(limits.acquire(CALL)).as("others may have spent all of it").isInstanceOf(Denied.class);
        clock.advance(TEN.window().plus(SECOND));
        for (int i = 4; i >= 0; i--) {
            assertThat(limits.acquire(CALL)).isEqualTo(new Allowed(TEN, i, TEN.window(), false));
        }
        assertThat(limits.acquire(CALL)).isEqualTo(new Denied(TEN, 0, TEN.window(), false));
        assertThat(told).containsExactly("began");
    }

    @Test
    void a_replica_alone_goes_on_by_all_that_it_knows() {
        replicas = 1;
        NamedLimits limits = limits(OnStoreFailure.LOCAL);
        limits.acquire(CALL.weighing(7));
        cut = Optional.of(Reason.NOT_CONNECTED);

        assertThat(limits.acquire(CALL.weighing(3))).isEqualTo(new Allowed(TEN, 0, TEN.window(), false));
        assertThat(limits.acquire(CALL)).isEqualTo(new Denied(TEN, 0, TEN.window(), false));
        assertThat(limits.acquire(CALL.by("42")).passes()).isTrue();
        assertThatThrownBy(() -> limits.acquire(CALL.weighing(11))).isInstanceOf(TooHeavyException.class);
    }

    @Test
    void after_an_outage_store_and_share_must_both_allow_for_a_window() {
        NamedLimits limits = limits(OnStoreFailure.LOCAL);
        limits.acquire(CALL);
        cut = Optional.of(Reason.NOT_CONNECTED);
        limits.acquire(CALL);
        clock.advance(TEN.window().plus(SECOND));
        limits.acquire(CALL.weighing(4));

        cut = Optional.empty();
        assertThat(limits.acquire(CALL)).isEqualTo(new Allowed(TEN, 9, TEN.window(), true));
        assertThat(limits.acquire(CALL)).as("its share is used up").isInstanceOf(Denied.class);
        assertThat(told).containsExactly("began", "ended after 61 s");
        clock.advance(TEN.window().plus(SECOND));
        assertThat(limits.acquire(CALL.weighing(10)).passes()).isTrue();
    }

    @Test
    void a_new_definition_is_heard_of_even_while_the_share_denies() {
        NamedLimits limits = limits(OnStoreFailure.LOCAL);
        limits.acquire(CALL);
        cut = Optional.of(Reason.NOT_CONNECTED);
        clock.advance(TEN.window().plus(SECOND));
        limits.acquire(CALL);
        clock.advance(TEN.window().plus(SECOND));
        limits.acquire(CALL.weighing(5));
        cut = Optional.empty();
        assertThat(limits.acquire(CALL)).isInstanceOf(Denied.class);

        NamedLimit twenty = NamedLimit.atMost("api", 20, TEN.window());
        store.define(twenty);
        assertThat(limits.acquire(CALL).limit()).isEqualTo(twenty);
        assertThat(limits.acquire(CALL)).isInstanceOf(Allowed.class);
        store.define(TEN.withShadow(true));
        assertThat(limits.acquire(CALL)).isInstanceOf(Overlooked.class);
        store.remove("api");
        assertThatThrownBy(() -> limits.acquire(CALL)).isInstanceOf(UnknownLimitException.class);
    }

    @Test
    void what_the_store_denies_after_an_outage_is_not_spent_of_the_share() {
        NamedLimits limits = limits(OnStoreFailure.LOCAL);
        limits.acquire(CALL);
        cut = Optional.of(Reason.NOT_CONNECTED);
        limits.acquire(CALL);
        clock.advance(TEN.window().multipliedBy(2));
        cut = Optional.empty();
        store.acquire(CALL.weighing(10));
        for (int i = 0; i < 20; i++) {
            assertThat(limits.acquire(CALL)).isEqualTo(new Denied(TEN, 0, TEN.window(), true));
        }

        store.define(NamedLimit.atMost("api", 20, TEN.window()));
        for (int i = 0; i < 10; i++) {
            assertThat(limits.acquire(CALL)).as("of its share of ten").isInstanceOf(Allowed.class);
        }
        assertThat(limits.acquire(CALL)).isInstanceOf(Denied.class);
    }

    @Test
    void open_lets_everybody_pass() {
        NamedLimits limits = limits(OnStoreFailure.OPEN);
        limits.acquire(CALL);
        cut = Optional.of(Reason.NOT_CONNECTED);

        for (int i = 0; i < 30; i++) {
            Passage passage = limits.acquire(CALL);
            assertThat(passage.passes()).isTrue();
            assertThat(passage.complete()).isFalse();
        }
    }

    @Test
    void closed_decides_nothing() {
        NamedLimits limits = limits(OnStoreFailure.CLOSED);
        limits.acquire(CALL);
        cut = Optional.of(Reason.NOT_CONNECTED);

        assertThatThrownBy(() -> limits.acquire(CALL)).isInstanceOf(RedisUnavailableException.class);
        cut = Optional.empty();
        assertThat(limits.acquire(CALL)).isEqualTo(new Allowed(TEN, 8, TEN.window(), true));
        assertThat(told).containsExactly("began", "ended after 0 s");
    }

    @Test
    void in_shadow_mode_nobody_is_denied_without_the_store_either() {
        store.define(TEN.withShadow(true));
        NamedLimits limits = limits(OnStoreFailure.LOCAL);
        limits.acquire(CALL);
        cut = Optional.of(Reason.NOT_CONNECTED);

        assertThat(limits.acquire(CALL)).isInstanceOf(Overlooked.class);
        assertThat(limits.acquire(CALL.weighing(11))).isInstanceOf(Overlooked.class);
    }

    @Test
    void a_limit_that_was_never_heard_of_cannot_be_decided_whatever_the_policy() {
        NamedLimits limits = limits(OnStoreFailure.OPEN);
        cut = Optional.of(Reason.NOT_CONNECTED);
        assertThatThrownBy(() -> limits.acquire(CALL)).isInstanceOf(RedisUnavailableException.class);

        cut = Optional.empty();
        limits.list();
        cut = Optional.of(Reason.NOT_CONNECTED);
        assertThat(limits.acquire(CALL).passes()).as("listed, it was heard of").isTrue();
    }

    @Test
    void a_thread_that_was_interrupted_says_nothing_about_the_store() {
        NamedLimits limits = limits(OnStoreFailure.OPEN);
        limits.acquire(CALL);
        cut = Optional.of(Reason.INTERRUPTED);

        assertThatThrownBy(() -> limits.acquire(CALL)).isInstanceOf(RedisUnavailableException.class);
        assertThat(told).isEmpty();
    }

    @Test
    void operators_need_the_store() {
        NamedLimits limits = limits(OnStoreFailure.OPEN);
        cut = Optional.of(Reason.NOT_CONNECTED);

        assertThatThrownBy(() -> limits.define(TEN)).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> limits.remove("api")).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(limits::list).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> limits.usage(CALL)).isInstanceOf(RedisUnavailableException.class);
        cut = Optional.empty();
        assertThat(limits.remove("api")).isTrue();
        assertThat(limits.find("api")).isEmpty();
        assertThat(limits.defineIfAbsent(TEN)).isEqualTo(TEN);
        assertThat(told).containsExactly("began", "ended after 0 s");
    }

    private NamedLimits limits(OnStoreFailure policy) {
        var share = LocalShare.bounded(() -> replicas, clock, 1_000);
        return new FailoverNamedLimits(new CutNamedLimits(store, this::reach), share, policy, listener);
    }

    private void reach() {
        cut.ifPresent(reason -> {
            throw new RedisUnavailableException(reason, "cut", false, new IOException("cut"));
        });
    }
}
