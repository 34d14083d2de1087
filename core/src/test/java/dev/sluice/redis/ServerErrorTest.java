package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.RedisUnavailableException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerErrorTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    OOM command not allowed when used memory > 'maxmemory'. script: ab, on @user_script:4. | OUT_OF_MEMORY
                    ERR Error running script (call to f_ab): @user_script:4: @user_script: 4: -OOM command not allowed | OUT_OF_MEMORY
                    ERR Error running script (call to f_ab): @user_script:4: @user_script: 4: -READONLY You can't write | READ_ONLY
                    READONLY You can't write against a read only replica. | READ_ONLY
                    LOADING Redis is loading the dataset in memory | REFUSED
                    MASTERDOWN Link with MASTER is down | REFUSED
                    CLUSTERDOWN The cluster is down | REFUSED
                    NOREPLICAS Not enough good replicas to write. | REFUSED
                    MISCONF Errors writing to the AOF file | REFUSED
                    BUSY Redis is busy running a script. | REFUSED
                    TRYAGAIN Multiple keys request during rehashing of slot | MOVING
                    NOAUTH Authentication required. | REFUSED
                    """)
    void a_refusal_is_told_from_a_failure(String error, Reason reason) {
        assertThat(ServerError.refusal(error)).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    WRONGTYPE Operation against a key holding the wrong kind of value
                    ERR Error running script (call to f_ab): @user_script:3: user_script:3: attempt to compare nil with number
                    ERR user_script:3: the word OOM alone means nothing
                    CROSSSLOT Keys in request don't hash to the same slot
                    """)
    void anything_else_is_a_failure_of_the_script(String error) {
        assertThat(ServerError.refusal(error)).isEmpty();
    }

    @Test
    void arguments_that_redis_repeats_are_cut_off() {
        assertThat(ServerError.redacted("ERR unknown command `EVALSHA`, with args beginning with: `ab`, `1`, `key`"))
                .isEqualTo("ERR unknown command `EVALSHA`");
        assertThat(ServerError.redacted("x".repeat(5_000))).hasSizeLessThan(300);
    }
}
