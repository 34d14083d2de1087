package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutboundCallTest extends DeliveryCalls {

    @Test
    void a_result_is_kept_for_a_second_to_31_days() {
        assertThat(keeping(Duration.ofDays(31)).keep()).isEqualTo(Duration.ofDays(31));
        assertThatThrownBy(() -> keeping(Duration.ZERO)).hasMessageContaining("1 s to 31 days, not PT0S");
        assertThatThrownBy(() -> keeping(Duration.ofDays(32))).hasMessageContaining("1 s to 31 days, not PT768H");
    }

    private OutboundCall keeping(Duration keep) {
        OutboundCall c = call(1, "a");
        return new OutboundCall(
                c.bot(),
                c.method(),
                c.chat(),
                1,
                false,
                c.fingerprint(),
                c.key(),
                keep,
                c.maxWait(),
                c.priority(),
                false);
    }

    @Test
    void the_ambiguous_window_is_off_or_a_span_that_a_claim_can_have() {
        assertThat(settings().withAmbiguousWindow(Duration.ZERO).ambiguousWindow())
                .isZero();
        assertThatThrownBy(() -> settings().withAmbiguousWindow(Duration.ofNanos(1)))
                .hasMessageContaining("0, or 1 ms to 31 days, not PT0.000000001S");
        assertThatThrownBy(() -> settings().withAmbiguousWindow(Duration.ofDays(32)))
                .hasMessageContaining("0, or 1 ms to 31 days");
    }
}
