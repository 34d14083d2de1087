package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Incoming;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.bundle.PlainBundles.Arrival;
import dev.sluice.bundle.PlainBundles.PlainBundle;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Whatever happens in whatever order: memory, Redis and the plain model agree. */
class BundlePropertyTest {
    private static final BotId BOT = new BotId(77);
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final BundleSettings RULES = BundleSettings.DEFAULT
            .withLongest(Duration.ofMillis(1_500))
            .withMost(4, 100)
            .withMostFailures(2)
            .withMostLost(3);

    private final SharedRedis redis = RedisFixture.shared();

    /** What is known of a person, told plainly. */
    private static final class Person {
        private final List<Arrival> arrivals = new ArrayList<>();
        private int handled;
        private long leaseEnds;
        private long notBefore;
        private int failures;
        private int lost;
        private long fence;

        /** When somebody must look for its first bundle; never if it has none. */
        long look() {
            List<PlainBundle> all = PlainBundles.of(arrivals, RULES);
            if (leaseEnds > 0) {
                return leaseEnds;
            }
            return handled < all.size() ? Math.max(notBefore, all.get(handled).closed()) : Long.MAX_VALUE;
        }

        List<Long> first() {
            return PlainBundles.of(arrivals, RULES).get(handled).ids();
        }

        boolean isLast() {
            return lost == RULES.mostLost() - 1;
        }

        void over(long now) {
            handled++;
            failures = 0;
            lost = 0;
            leaseEnds = 0;
            notBefore = now;
        }
    }

    @Property(tries = 200)
    void memory_redis_and_the_plain_model_agree(@ForAll @Size(min = 1, max = 100) List<Integer> steps) {
        redis.flush();
        var clock = new SettableMicros();
        BundleStore shared = RedisBundleFixture.byClock(redis, clock, RULES, 10);
        BundleStore local = new InMemoryBundleStore(clock, RULES, 10);
        var people = new HashMap<Conversation, Person>();
        int id = 0;
        for (int step : steps) {
            int choice = Math.floorMod(step, 1 << 16);
            var who = Conversation.of(BOT, 1 + choice % 2);
            Person person = people.computeIfAbsent(who, any -> new Person());
            int detail = choice / 2;
            switch (detail % 8) {
                case 0, 1, 2 -> {
                    id++;
                    boolean command = detail / 8 % 5 == 0;
                    var quiet = Duration.ofMillis(900 + detail / 8 % 200);
                    int size = 1 + detail / 8 % 60;
                    var incoming = new Incoming(who, id, size, command, quiet, new byte[] {(byte) id});
                    Answer answer = local.add(incoming);
                    assertThat(shared.add(incoming)).isEqualTo(answer).isEqualTo(new Answer.Added(clock.getAsLong()));
                    person.arrivals.add(new Arrival(clock.getAsLong(), id, size, command, PlainBundles.micros(quiet)));
                }
                case 3 -> clock.advance(Duration.ofMillis(detail / 8 % 900));
                case 4 -> clock.advance(Duration.ofMillis(detail / 8 % 7_000));
                case 5, 6 -> claim(shared, local, people, clock.getAsLong());
                default -> end(shared, local, who, person, clock.getAsLong(), detail / 8 % 4);
            }
        }
        // In the end all is handed over that was said, in its order.
        for (int i = 0; i < 400; i++) {
            clock.advance(Duration.ofSeconds(6));
            claim(shared, local, people, clock.getAsLong());
            people.forEach((who, person) -> end(shared, local, who, person, clock.getAsLong(), 0));
            if (people.values().stream()
                    .allMatch(person -> person.handled
                            == PlainBundles.of(person.arrivals, RULES).size())) {
                break;
            }
        }
        assertThat(people.values())
                .allSatisfy(person -> assertThat(person.handled)
                        .isEqualTo(PlainBundles.of(person.arrivals, RULES).size()));
        assertThat(shared.aside(BOT, 0, 1_000)).isEqualTo(local.aside(BOT, 0, 1_000));
        assertThat(shared.standing(BOT)).isEqualTo(local.standing(BOT)).isEqualTo(new BundleStore.Standing(0, 0));
    }

    private static void claim(BundleStore shared, BundleStore local, Map<Conversation, Person> people, long now) {
        var expected = new TreeMap<String, List<Long>>();
        var setAside = new TreeMap<String, Integer>();
        while (true) {
            Optional<Map.Entry<Conversation, Person>> due = people.entrySet().stream()
                    .filter(entry -> entry.getValue().look() <= now)
                    .min(Comparator.comparingLong((Map.Entry<Conversation, Person> entry) ->
                                    entry.getValue().look())
                            .thenComparing(entry -> entry.getKey().name()));
            if (due.isEmpty()) {
                break;
            }
            String who = due.get().getKey().name();
            Person person = due.get().getValue();
            if (person.leaseEnds > 0) {
                person.leaseEnds = 0;
                person.lost++;
            }
            Optional<Person> alone = people.values().stream()
                    .filter(other -> other != person && other.isLast() && other.leaseEnds > now)
                    .findFirst();
            if (person.lost == RULES.mostLost()) {
                setAside.merge(who, 1, Integer::sum);
                person.over(now);
            } else if (person.isLast() && alone.isPresent()) {
                person.notBefore = Math.min(alone.get().leaseEnds, now + 1_000_000);
            } else {
                expected.put(who, person.first());
                person.leaseEnds = now + PlainBundles.micros(LEASE);
            }
        }
        BundleStore.Claimed there = shared.claim(BOT, 32, LEASE);
        BundleStore.Claimed here = local.claim(BOT, 32, LEASE);
        assertThat(there.next()).isEqualTo(here.next());
        assertThat(there.aside()).isEqualTo(here.aside());
        there.aside()
                .bundles()
                .forEach(bundle -> setAside.merge(bundle.id().conversation().name(), -1, Integer::sum));
        assertThat(setAside.values()).allMatch(difference -> difference == 0);
        assertThat(handed(there.bundles())).isEqualTo(handed(here.bundles())).isEqualTo(expected);
        for (Leased leased : there.bundles()) {
            Person person = people.getOrDefault(leased.conversation(), new Person());
            assertThat(leased.fence()).isGreaterThan(person.fence);
            assertThat(leased.failures()).isEqualTo(person.failures);
            person.fence = leased.fence();
            assertThat(here.bundles())
                    .anySatisfy(other -> assertThat(List.of(other.id(), other.fence(), other.failures()))
                            .isEqualTo(List.of(leased.id(), leased.fence(), leased.failures())));
        }
    }

    private static Map<String, List<Long>> handed(List<Leased> bundles) {
        var handed = new TreeMap<String, List<Long>>();
        bundles.forEach(leased -> handed.put(
                leased.conversation().name(),
                BundleStoreContract.ids(leased).stream().sorted().toList()));
        return handed;
    }

    private static void end(BundleStore shared, BundleStore local, Conversation who, Person person, long now, int how) {
        boolean leased = person.leaseEnds > 0;
        long fence = person.fence;
        var delay = Duration.ofMillis(700);
        switch (how) {
            case 0 -> {
                boolean settled = local.settle(who, fence);
                assertThat(shared.settle(who, fence)).isEqualTo(settled);
                if (leased) {
                    assertThat(settled).isTrue();
                    person.over(now);
                }
            }
            case 1 -> {
                boolean renewed = local.renew(who, fence, LEASE);
                assertThat(shared.renew(who, fence, LEASE)).isEqualTo(renewed).isEqualTo(leased);
                if (renewed) {
                    person.leaseEnds = now + PlainBundles.micros(LEASE);
                }
            }
            case 2 -> {
                Return back = local.putBack(who, fence, delay, true);
                assertThat(shared.putBack(who, fence, delay, true)).isEqualTo(back);
                assertThat(back != Return.LOST).isEqualTo(leased);
                if (leased) {
                    person.failures++;
                    person.leaseEnds = 0;
                    person.notBefore = now + PlainBundles.micros(delay);
                }
                if (leased && person.failures == RULES.mostFailures()) {
                    assertThat(back).isEqualTo(Return.GIVEN_UP);
                    person.over(now);
                }
            }
            default -> {
                Return back = local.putBack(who, fence, Duration.ZERO, false);
                assertThat(shared.putBack(who, fence, Duration.ZERO, false)).isEqualTo(back);
                if (leased) {
                    person.leaseEnds = 0;
                    person.notBefore = now; // which decides who has the last lease first
                }
            }
        }
    }
}
