/** All guards on one Redis, and what their users see when something happens to it. */
@NullMarked
package dev.sluice.outage;

import org.jspecify.annotations.NullMarked;
