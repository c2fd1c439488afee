-- SPDX-License-Identifier: Apache-2.0
-- Number 4 is kept for a change that is made elsewhere.
SELECT 1;
