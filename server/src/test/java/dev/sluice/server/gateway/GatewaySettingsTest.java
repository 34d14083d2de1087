package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GatewaySettingsTest {
    private static final long MEGABYTE = 1 << 20;

    @Test
    void a_small_heap_takes_fewer_calls_than_would_fill_it() {
        assertThat(GatewaySettings.concurrentCallsWithin(64 * MEGABYTE)).isEqualTo(1_024);
        assertThat(GatewaySettings.concurrentCallsWithin(1)).isEqualTo(1);
    }

    @Test
    void a_large_heap_takes_ten_thousand_calls_and_no_more() {
        assertThat(GatewaySettings.concurrentCallsWithin(640 * MEGABYTE)).isEqualTo(10_000);
        assertThat(GatewaySettings.concurrentCallsWithin(Long.MAX_VALUE)).isEqualTo(10_000);
    }
}
