package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cache.LeasedAnswer.Found;
import dev.sluice.cache.LeasedAnswer.Load;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InMemoryLeasedCachesTest extends LeasedCacheContract {
    private final CachesUnderTest where = new CachesUnderTest.InMemory();

    @Override
    CachesUnderTest where() {
        return where;
    }

    @Test
    void a_lease_that_ran_out_keeps_nothing_although_nobody_has_asked_since() throws Exception {
        String late = lease(ALICE);
        advance(LeasedCache.USUAL_LEASE);
        assertThat(cache.renew(ALICE, late)).isEqualTo(FillAnswer.REFUSED);
        assertThat(cache.fill(ALICE, late, Optional.of("late"))).isEqualTo(FillAnswer.REFUSED);
    }

    @Test
    void what_is_brought_from_before_all_was_forgotten_here_is_not_kept() throws Exception {
        String lease = lease(ALICE);
        cache.cache().forgetAllHere();
        assertThat(cache.fill(ALICE, lease, Optional.of("from before"))).isEqualTo(FillAnswer.REFUSED);
        assertThat(ask(ALICE)).isInstanceOf(Load.class);
    }

    @Test
    void while_its_source_fails_an_old_value_stands_in_for_a_second() throws Exception {
        cache.fill(ALICE, lease(ALICE), Optional.of("old"));
        advance(Duration.ofSeconds(65));
        cache.fail(ALICE, lease(ALICE));
        var found = (Found<String>) ask(ALICE);
        assertThat(found.value()).contains("old");
        assertThat(found.stale()).isTrue();
        advance(Duration.ofSeconds(1));
        assertThat(((Load<String>) ask(ALICE)).old()).contains("old");
    }

    @Test
    void what_shows_a_lease_shows_nothing_that_lets_one_write() throws Exception {
        String lease = lease(ALICE);
        assertThat(new FillLease(lease, Duration.ofSeconds(4)).toString()).doesNotContain(lease);
        assertThat(cache.fill(ALICE, LocalLeases.newId(), Optional.of("forged")))
                .isEqualTo(FillAnswer.REFUSED);
        assertThat(cache.fill(BOB, lease, Optional.of("of another key"))).isEqualTo(FillAnswer.REFUSED);
    }
}
