/** What all HTTP listeners have in common. */
@NullMarked
package dev.sluice.server.http;

import org.jspecify.annotations.NullMarked;
