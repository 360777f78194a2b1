import '../shared/base.css';
import './courier.css';

import { mount } from 'svelte';

import CourierPage from './CourierPage.svelte';

mount(CourierPage, { target: document.getElementById('page')! });
