/** Real Redis processes for tests, here and in other modules: start with {@link dev.sluice.redis.RedisFixture}. */
@NullMarked
package dev.sluice.redis;

import org.jspecify.annotations.NullMarked;
