package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.idempotency.ClaimRequest.Abandoned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** A backend does, in any order of steps, what {@link GuardModel} does. */
abstract class IdempotencyGuardProperties {
    private static final int STEPS = 40;
    private static final int KEYS = 2;

    abstract IdempotencyGuard guard();

    abstract void advance(Duration duration);

    sealed interface Step {
        record Claiming(int key, int content, Duration lease, Abandoned abandoned) implements Step {}

        /** {@code holder} counts back from the latest successful claim. */
        record Settling(int holder, Settlement settlement) implements Step {}

        record Renewing(int holder, Duration lease) implements Step {}

        record Passing(Duration time) implements Step {}
    }

    @Property(tries = 400, shrinking = ShrinkingMode.BOUNDED)
    void any_steps_come_out_as_in_the_model(@ForAll("steps") List<Step> steps) {
        IdempotencyGuard guard = guard();
        var model = new GuardModel();
        var keys = List.of(GuardFixture.newKey(), GuardFixture.newKey());
        var fences = new ArrayList<Held>();
        for (Step step : steps) {
            // Two scripts never run in the same microsecond.
            passed(Duration.ofNanos(1_000), model);
            switch (step) {
                case Step.Claiming(int key, int content, Duration lease, Abandoned abandoned) -> {
                    var fingerprint = Fingerprint.of(new byte[] {(byte) content});
                    var request = new ClaimRequest(keys.get(key), fingerprint, lease, abandoned);
                    compare(guard.claim(request), model.claim(request), fences);
                }
                case Step.Settling(int holder, Settlement settlement)
                when holder < fences.size() -> {
                    Held held = fences.reversed().get(holder);
                    assertThat(guard.settle(held.real, settlement)).isEqualTo(model.settle(held.modelled, settlement));
                }
                case Step.Renewing(int holder, Duration lease)
                when holder < fences.size() -> {
                    Held held = fences.reversed().get(holder);
                    assertThat(guard.heartbeat(held.real, lease)).isEqualTo(model.heartbeat(held.modelled, lease));
                }
                case Step.Passing(Duration time) -> passed(time, model);
                case Step.Settling nothingHeld -> {}
                case Step.Renewing nothingHeld -> {}
            }
        }
    }

    private record Held(Fence real, Fence modelled) {}

    private void passed(Duration time, GuardModel model) {
        advance(time);
        model.advance(time);
    }

    private static void compare(Claim real, Claim modelled, List<Held> fences) {
        if (modelled instanceof Claim.New(Fence modelledFence)) {
            assertThat(real).isInstanceOf(Claim.New.class);
            Fence fence = ((Claim.New) real).fence();
            assertThat(fences)
                    .filteredOn(held -> held.real.key().equals(fence.key()))
                    .allSatisfy(held -> assertThat(held.real.number()).isLessThan(fence.number()));
            fences.add(new Held(fence, modelledFence));
        } else {
            assertThat(real).isEqualTo(modelled);
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Duration> leases = Arbitraries.of(Duration.ofSeconds(5), Duration.ofSeconds(8));
        Arbitrary<Duration> keeps = Arbitraries.of(Duration.ofSeconds(30), Duration.ofMinutes(2));
        Arbitrary<StoredResult> results = Arbitraries.of(GuardFixture.result(""), GuardFixture.result("a"));
        Arbitrary<Abandoned> abandoned =
                Arbitraries.oneOf(Arbitraries.just(new Abandoned.TakeOver()), keeps.map(Abandoned.BecomesUnknown::new));
        Arbitrary<Settlement> settlements = Arbitraries.oneOf(
                Combinators.combine(results, keeps).as(Settlement.Complete::new),
                Combinators.combine(results, keeps).as(Settlement.Fail::new),
                Combinators.combine(results, keeps).as(Settlement.HandOver::new),
                keeps.map(Settlement.MarkUnknown::new),
                Arbitraries.just(new Settlement.Release()));
        Arbitrary<Integer> holders = Arbitraries.of(0, 0, 0, 1, 2);
        Arbitrary<Duration> times = Arbitraries.of(
                Duration.ofSeconds(1),
                Duration.ofSeconds(5).minusNanos(1_000),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMinutes(2));
        Arbitrary<Step> claiming = Combinators.combine(
                        Arbitraries.integers().between(0, KEYS - 1), Arbitraries.of(0, 0, 0, 1), leases, abandoned)
                .as(Step.Claiming::new);
        Arbitrary<Step> settling = Combinators.combine(holders, settlements).as(Step.Settling::new);
        Arbitrary<Step> renewing = Combinators.combine(holders, leases).as(Step.Renewing::new);
        Arbitrary<Step> passing = times.map(Step.Passing::new);
        return Arbitraries.oneOf(claiming, claiming, settling, renewing, passing)
                .list()
                .ofMinSize(5)
                .ofMaxSize(STEPS);
    }
}
