package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.sluice.cache.Caches;
import dev.sluice.cache.Caches.Hearing;
import dev.sluice.encryption.Sealer;
import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessStatesTest {
    private static final BotId BOT = new BotId(123_456);
    private static final Instant NOON = Instant.parse("2027-01-15T12:00:00Z");
    private static final AccessState PAID = new AccessState(true, "subscription", Optional.empty());
    private static final AccessState TRIAL = new AccessState(true, "trial", Optional.of(NOON.plusSeconds(10)));
    private static final AccessState ENDED = new AccessState(false, "trial_ended", TRIAL.trialEnds());

    private final AtomicReference<Instant> now = new AtomicReference<>(NOON);

    private static void isForgotten(AccessTruth.Settable truth, AccessStates access) throws Exception {
        for (long bot : new long[] {17, 18}) {
            truth.set(new BotId(bot), 42, PAID);
            truth.set(new BotId(bot), 142, PAID);
            assertThat(access.of(new BotId(bot), 42)).isEqualTo(PAID);
        }
        PersonalData data = AccessStates.personalData(truth, access);
        assertThat(data.forgetText(42)).isZero();
        assertThat(data.forget(42)).isEqualTo(2);
        assertThat(data.forget(42)).isZero();
        assertThat(access.of(new BotId(17), 42)).isEqualTo(AccessState.UNKNOWN);
        assertThat(access.of(new BotId(18), 142)).isEqualTo(PAID);
    }

    @Test
    void access_is_looked_up_once_and_again_after_a_payment() throws Exception {
        var asked = new AtomicInteger();
        var truth = AccessTruth.inMemory();
        try (var caches = Caches.inMemory()) {
            var access = new AccessStates(
                    caches,
                    AccessStates.DEFAULT,
                    (bot, user) -> {
                        asked.incrementAndGet();
                        return truth.find(bot, user);
                    },
                    now::get);
            assertThat(access.of(BOT, 42)).isEqualTo(AccessState.UNKNOWN);
            assertThat(access.of(BOT, 42)).isEqualTo(AccessState.UNKNOWN);
            assertThat(asked).hasValue(1);

            truth.set(BOT, 42, PAID);
            assertThat(access.invalidate(BOT, 42)).isTrue();
            assertThat(access.of(BOT, 42)).isEqualTo(PAID);
            assertThat(access.of(new BotId(7), 42)).isEqualTo(AccessState.UNKNOWN);
            assertThat(truth.remove(BOT, 42)).isTrue();
            assertThat(truth.remove(BOT, 42)).isFalse();
            isForgotten(truth, access);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> access.of(BOT, 0))
                    .withMessageContaining("0");
        }
    }

    @Test
    void what_another_process_forgets_is_asked_again() throws Exception {
        var asked = new ArrayList<Long>();
        AccessTruth.Settable truth = AccessTruth.inMemory();
        try (var caches = Caches.inMemory()) {
            var access = new AccessStates(
                    caches,
                    AccessStates.DEFAULT,
                    (bot, user) -> {
                        asked.add(user);
                        return truth.find(bot, user);
                    },
                    now::get);
            PersonalData data = AccessStates.personalData(truth, access);
            truth.set(BOT, 42, PAID);
            askEach(access);
            askEach(access);
            assertThat(asked).containsExactly(42L, 42L, 142L);
            asked.clear();
            data.forgetHere(42);
            askEach(access);
            data.forgetCopiesHere(42);
            askEach(access);
            assertThat(asked).as("by all bots").containsExactly(42L, 42L, 42L, 42L);
            asked.clear();
            data.forgetEverybodyHere();
            askEach(access);
            assertThat(asked).containsExactly(42L, 42L, 142L);
            assertThat(truth.find(BOT, 42))
                    .as("is the other process' to remove")
                    .contains(PAID);
        }
    }

    private static void askEach(AccessStates access) throws InterruptedException {
        access.of(BOT, 42);
        access.of(new BotId(7), 42);
        access.of(BOT, 142);
    }

    @Test
    void a_trial_ends_to_the_second_however_long_its_state_is_cached() throws Exception {
        var truth = AccessTruth.inMemory();
        truth.set(BOT, 42, TRIAL);
        try (var caches = Caches.inMemory()) {
            var access = new AccessStates(caches, AccessStates.DEFAULT, truth, now::get);
            assertThat(access.of(BOT, 42)).isEqualTo(TRIAL);
            now.set(NOON.plusSeconds(10));
            assertThat(access.of(BOT, 42)).isEqualTo(ENDED);
        }
    }

    @Test
    void a_payment_on_one_replica_is_seen_by_the_others() throws Exception {
        try (var redis = RedisFixture.start();
                var one = connect(redis.uri());
                var two = connect(redis.uri());
                var here = Caches.onRedis(one, one, KeySpace.DEFAULT, Sealer.NONE);
                var there = Caches.onRedis(two, two, KeySpace.DEFAULT, Sealer.NONE)) {
            var truth = AccessTruth.onRedis(one, KeySpace.DEFAULT);
            var paying = new AccessStates(here, AccessStates.DEFAULT, truth, now::get);
            var asked =
                    new AccessStates(there, AccessStates.DEFAULT, AccessTruth.onRedis(two, KeySpace.DEFAULT), now::get);
            await().until(() -> there.hearing() == Hearing.TRACKING);
            truth.set(BOT, 42, TRIAL);
            assertThat(asked.of(BOT, 42)).isEqualTo(TRIAL);

            truth.set(BOT, 42, PAID);
            assertThat(paying.invalidate(BOT, 42)).isTrue();
            await().until(() -> asked.of(BOT, 42).equals(PAID));
            assertThat(truth.remove(BOT, 42)).isTrue();
            assertThat(truth.find(BOT, 42)).isEmpty();
            assertThat(truth.remove(BOT, 42)).isFalse();
            isForgotten(truth, paying);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Paid", "two words", "an_explanation_of_more_than_32_letters"})
    void a_reason_is_a_word_for_programs(String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccessState(true, reason, Optional.empty()))
                .withMessageContaining("'" + reason + "'");
    }

    private static RedisStore connect(String url) {
        return RedisStore.connect(RedisSettings.parse(url).withCommandTimeout(Duration.ofSeconds(5)), RedisEvents.NONE);
    }
}
