@NullMarked
package dev.sluice.server.embedded;

import org.jspecify.annotations.NullMarked;
