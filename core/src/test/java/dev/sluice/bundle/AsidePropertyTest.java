package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.incoming;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Whoever dies, and whatever somebody does with what was set aside, in whatever order: memory and Redis agree, and nothing is lost. */
class AsidePropertyTest {
    private static final BotId BOT = new BotId(77);
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final BundleSettings RULES = BundleSettings.DEFAULT
            .withQuiet(BundleStoreContract.QUIET, BundleStoreContract.QUIET)
            .withMost(3, 100)
            .withMostFailures(1_000)
            .withMostLost(2);

    private final SharedRedis redis = RedisFixture.shared();
    private final SettableMicros clock = new SettableMicros();
    private final BundleStore shared = RedisBundleFixture.byClock(redis, clock, RULES, 10);
    private BundleStore local = new InMemoryBundleStore(clock, RULES, 10);
    private final List<Leased> out = new ArrayList<>();

    /** Of all, and what became of each: it was handled, dropped or forgotten. */
    private final Set<Long> said = new HashSet<>();

    private final Set<Long> over = new HashSet<>();

    @Property(tries = 100)
    void memory_and_redis_agree_and_every_message_is_somewhere(@ForAll @Size(min = 1, max = 120) List<Integer> steps) {
        redis.flush();
        local = new InMemoryBundleStore(clock, RULES, 10);
        for (Set<Long> all : List.of(said, over)) {
            all.clear();
        }
        out.clear();
        for (int step : steps) {
            step(Math.floorMod(step, 1 << 20));
            assertThat(shared.aside(BOT, 0, 1_000)).isEqualTo(local.aside(BOT, 0, 1_000));
        }
        assertThat(shared.asideCount(BOT)).isEqualTo(local.asideCount(BOT));
        for (int look = 0; look < 300 && local.standing(BOT).people() + local.asideCount(BOT) > 0; look++) {
            for (AsideBundle bundle : local.aside(BOT, 0, 1_000)) {
                assertThat(shared.requeue(bundle.id())).isEqualTo(local.requeue(bundle.id()));
            }
            clock.advance(Duration.ofSeconds(1));
            claim();
            settle(out.size());
        }
        assertThat(over).containsExactlyInAnyOrderElementsOf(said);
    }

    private void step(int choice) {
        var who = Conversation.of(BOT, 1 + choice % 3);
        int detail = choice / 3;
        int which = detail / 16;
        switch (detail % 16) {
            case 0, 1, 2 -> {
                long id = said.size() + 1L;
                boolean command = which % 2 == 0;
                assertThat(shared.add(incoming(who, id, 10, command)))
                        .isEqualTo(local.add(incoming(who, id, 10, command)));
                said.add(id);
            }
            case 3 -> clock.advance(Duration.ofMillis(which % 1_500));
            case 4, 5 -> clock.advance(LEASE);
            case 6, 7, 8, 9 -> claim();
            case 10 -> settle(1);
            case 11 -> {
                if (!out.isEmpty()) {
                    Leased leased = out.remove(which % out.size());
                    boolean failed = which % 2 == 0;
                    assertThat(shared.putBack(leased.conversation(), leased.fence(), Duration.ofSeconds(1), failed))
                            .isEqualTo(local.putBack(
                                    leased.conversation(), leased.fence(), Duration.ofSeconds(1), failed));
                }
            }
            case 12 -> {
                if (!out.isEmpty()) {
                    Leased leased = out.remove(which % out.size());
                    assertThat(shared.setAside(leased.conversation(), leased.fence()))
                            .isEqualTo(local.setAside(leased.conversation(), leased.fence()));
                }
            }
            case 13, 14 -> {
                List<AsideBundle> all = local.aside(BOT, 0, 100);
                if (!all.isEmpty()) {
                    BundleId id = all.get(which % all.size()).id();
                    assertThat(shared.requeue(id)).isEqualTo(local.requeue(id));
                    assertThat(shared.requeue(id)).isEqualTo(local.requeue(id));
                }
            }
            default -> clock.advance(RULES.remembered().plusSeconds(1));
        }
    }

    private void claim() {
        Claimed here = local.claim(BOT, 2, LEASE);
        Claimed there = shared.claim(BOT, 2, LEASE);
        assertThat(there.aside()).isEqualTo(here.aside());
        assertThat(there.next()).isEqualTo(here.next());
        assertThat(there.bundles()).usingRecursiveComparison().isEqualTo(here.bundles());
        for (Leased leased : here.bundles()) {
            out.removeIf(other -> other.conversation().equals(leased.conversation()));
            out.add(leased);
        }
    }

    private void settle(int most) {
        for (int i = 0; i < most && !out.isEmpty(); i++) {
            Leased leased = out.removeFirst();
            boolean settled = local.settle(leased.conversation(), leased.fence());
            assertThat(shared.settle(leased.conversation(), leased.fence())).isEqualTo(settled);
            if (settled) {
                assertThat(BundleStoreContract.ids(leased)).isSorted().noneMatch(over::contains);
                over.addAll(BundleStoreContract.ids(leased));
            }
        }
    }
}
